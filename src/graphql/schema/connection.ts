import type { OutputType } from '@pothos/core';
import type { FilterFields } from '../../db/lists/filter.js';
import type { ListDefinition } from '../../db/lists/listing.js';
import { costs } from '../limits/cost.js';
import { builder, type SchemaTypes } from './builder.js';
import { filterInput, orderInput } from './inputs.js';

/** The connection and edge types over a node type. */
export const connectionType = <Type extends OutputType<SchemaTypes>>(name: string, type: Type) =>
  builder.connectionObject(
    { type, name: `${name}Connection`, description: `A connection of ${name} objects: one page of a list.` },
    { name: `${name}Edge`, description: `An edge of a connection of ${name} objects: a node with its cursor.` },
  );

builder.globalConnectionField('totalCount', (t) =>
  t.int({
    description: 'How many rows the whole list has. Costs a count over the list, only when it is selected.',
    ...costs(1),
    resolve: (connection) => connection.count(),
  }),
);

/** The arguments of a list: page, filter and order. */
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

/** For clients with numbered pages: the number of rows to skip. */
export const offsetArgument = builder.args((t) => ({
  offset: t.int({
    description:
      'The number of rows to skip, for callers that number pages. Cursors cost the same at any depth, and neither skip nor repeat rows when rows are added or removed; not together with last, after or before.',
  }),
}));
