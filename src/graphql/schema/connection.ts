import type { InputRef, OutputType } from '@pothos/core';
import { maxOffset } from '../../db/reading/keyset.js';
import { costs } from '../limits/cost.js';
import { builder, type SchemaTypes } from './builder.js';

/** The connection and edge types over a node type. */
export const connectionType = <Type extends OutputType<SchemaTypes>>(name: string, type: Type) =>
  builder.connectionObject(
    { type, name: `${name}Connection`, description: `A page of a list of ${name} objects.` },
    { name: `${name}Edge`, description: `A ${name} in a list, with its place there.` },
  );

builder.globalConnectionField('totalCount', (t) =>
  t.int({
    description: 'How many rows the whole list has. Costs a count over the list, only when it is selected.',
    ...costs(1),
    resolve: (connection) => connection.count(),
  }),
);

/** The arguments of a list beside those of its page. */
export function listArguments<Filter, Order>(options: {
  filter: InputRef<Filter>;
  order: InputRef<Order>;
  /** The order when none is given, as the description says it. */
  defaultOrder: string;
}) {
  return builder.args((t) => ({
    ...t.connectionArgs(),
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
