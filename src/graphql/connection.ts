import type { InputRef, ObjectRef } from '@pothos/core';
import { encodeCursor, maxOffset, type Ordering, type Page } from '../db/keyset.js';
import type { Connection } from '../db/listing.js';
import { builder, type SchemaTypes } from './builder.js';
import { costs } from './cost.js';

/** Relay's connections over the keyset pages of the services. */

interface Edge<Row> {
  node: Row;
  ordering: Ordering<Row>;
}

const PageInfo = builder.objectRef<Page<{ id: string }>>('PageInfo').implement({
  description: 'Where a page lies in its list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', {
      description: 'Whether rows follow. Paging backwards it says whether a `before` cursor was given.',
    }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'Whether rows precede. Paging forwards it says whether an `after` cursor or an offset was given.',
    }),
    startCursor: t.string({
      description: 'The cursor of the first row, to pass as `before`; null on an empty page.',
      nullable: true,
      resolve: ({ rows, ordering }) => (rows[0] ? encodeCursor(ordering, rows[0]) : null),
    }),
    endCursor: t.string({
      description: 'The cursor of the last row, to pass as `after`; null on an empty page.',
      nullable: true,
      resolve: ({ rows, ordering }) => {
        const last = rows.at(-1);
        return last ? encodeCursor(ordering, last) : null;
      },
    }),
  }),
});

/** The connection and edge types over a node type. */
export function connectionType<Row extends { id: string }>(
  name: string,
  node: ObjectRef<SchemaTypes, Row>,
): ObjectRef<SchemaTypes, Connection<Row>> {
  const edge = builder.objectRef<Edge<Row>>(`${name}Edge`).implement({
    description: `A ${name} in a list, with its place there.`,
    fields: (t) => ({
      cursor: t.string({
        description: 'The opaque place of this row in this order; it stays valid when rows are added or removed.',
        resolve: (row) => encodeCursor(row.ordering, row.node),
      }),
      node: t.field({ description: 'The row itself.', type: node, resolve: (row) => row.node as never }),
    }),
  });

  return builder.objectRef<Connection<Row>>(`${name}Connection`).implement({
    description: `A page of a list of ${name} objects.`,
    fields: (t) => ({
      edges: t.field({
        description: 'The rows of the page, each with its cursor.',
        ...costs(0),
        type: [edge],
        resolve: ({ page: { rows, ordering } }) => rows.map((row) => ({ node: row, ordering })),
      }),
      nodes: t.field({
        description: 'The rows of the page, without cursors.',
        type: [node],
        resolve: ({ page }) => page.rows,
      }),
      pageInfo: t.field({
        description: 'Where the page lies in the list.',
        ...costs(0),
        type: PageInfo,
        resolve: ({ page }) => page as unknown as Page<{ id: string }>,
      }),
      totalCount: t.int({
        description: 'How many rows the whole list has. Costs a count over the list, only when it is selected.',
        ...costs(1),
        resolve: ({ count }) => count(),
      }),
    }),
  });
}

/** The arguments of every connection: the page, the filter and the order. */
export function listArguments<Filter, Order>(options: {
  filter: InputRef<Filter>;
  order: InputRef<Order>;
  /** The order when none is given, as the description says it. */
  defaultOrder: string;
}) {
  return builder.args((t) => ({
    first: t.int({ description: 'How many rows from the start of the range: 1 to 100, 20 when nothing is said.' }),
    after: t.string({ description: 'Only rows behind this cursor.' }),
    last: t.int({ description: 'How many rows from the end of the range, 1 to 100; not together with first.' }),
    before: t.string({ description: 'Only rows before this cursor.' }),
    filter: t.field({ type: options.filter, description: 'Only rows that meet all of its conditions.' }),
    orderBy: t.field({
      type: options.order,
      description: `The order of the rows; ${options.defaultOrder} when left out.`,
    }),
  }));
}

/** For lists whose callers number pages: how many rows to pass over. */
export const offsetArgument = builder.args((t) => ({
  offset: t.int({
    description: `How many rows to pass over, at most ${maxOffset.toLocaleString('en')}; for callers who number pages. Cursors cost the same at any depth and skip or repeat nothing when rows come and go; not together with last, after or before.`,
  }),
}));
