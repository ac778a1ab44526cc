import type { ObjectRef } from '@pothos/core';
import type { FilterFields } from '../../db/lists/filter.js';
import { maxOffset } from '../../db/lists/keyset.js';
import type { Connection, ListDefinition } from '../../db/lists/listing.js';
import { costs } from '../limits/cost.js';
import { builder, type SchemaTypes } from './builder.js';
import { filterInput, orderInput } from './inputs.js';

/** The connection and edge types over a node type. */
export const connectionType = <Row extends { id: string }>(name: string, type: ObjectRef<SchemaTypes, Row>) =>
  builder.connectionObject(
    {
      type: type as never,
      name: `${name}Connection`,
      description: `A page of a list of ${name} objects.`,
      fields: (t) => ({
        nodes: t.field({
          type: [type],
          description: 'The rows of the page, without cursors.',
          resolve: (connection) => (connection as unknown as Connection<Row>).page.rows as never,
        }),
        totalCount: t.int({
          description: 'How many rows the whole list has. Costs a count over the list, only when it is selected.',
          ...costs(1),
          resolve: (connection) => (connection as unknown as Connection<Row>).count(),
        }),
      }),
    },
    { name: `${name}Edge`, description: `A ${name} in a list, with its place there.` },
  ) as unknown as ObjectRef<SchemaTypes, Connection<Row>>;

/** The arguments of a list: those of its page, its filter and its order. */
export function listArguments<Row extends { id: string }, Fields extends FilterFields, OrderField extends string>(
  list: ListDefinition<Row, Fields, OrderField>,
) {
  const [field, direction] = list.first;
  return builder.args((t) => ({
    ...t.connectionArgs(),
    filter: t.field({ type: filterInput(list), description: 'Only rows that meet all of its conditions.' }),
    orderBy: t.field({
      type: orderInput(list.order),
      description: `The order of the rows; ${field} ${direction} when left out.`,
    }),
  }));
}

/** For lists whose callers number pages: how many rows to pass over. */
export const offsetArgument = builder.args((t) => ({
  offset: t.int({
    description: `How many rows to pass over, at most ${maxOffset.toLocaleString('en')}; for callers who number pages. Cursors cost the same at any depth and skip or repeat nothing when rows come and go; not together with last, after or before.`,
  }),
}));
