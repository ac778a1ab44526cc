import type { EnumRef, InputRef } from '@pothos/core';
import type { EnumName, EnumValue } from '../../db/enums.js';
import { $Enums } from '../../generated/prisma/client.js';
import { builder, type SchemaTypes } from './builder.js';

const refs = new Map<EnumName, InputRef<unknown>>();

/** Defines an enum of the data model in the graph, with a description of each value. */
export function defineEnum<Name extends EnumName>(
  name: Name,
  options: { description: string; values: Record<EnumValue<Name>, { description: string }> },
): EnumRef<SchemaTypes, EnumValue<Name>> {
  const { description, values } = options;
  const ref = builder.enumType<string, Record<string, { description: string }>>(name, { description, values });
  refs.set(name, ref);
  // The keys of `values` are the values of the enum. The builder's types cannot express this for a type parameter.
  return ref as EnumRef<SchemaTypes, unknown> as EnumRef<SchemaTypes, EnumValue<Name>>;
}

/** The enum of the graph with this name. Throws when no module has defined it yet. */
export function enumNamed(name: EnumName): InputRef<unknown> {
  const ref = refs.get(name);
  if (!ref) throw new Error(`The enum ${name} is not defined in the graph before it is used.`);
  return ref;
}

/** The enum of the graph for these values of a data model enum. */
export function enumOf(values: object): InputRef<unknown> {
  const name = [...refs.keys()].find((one) => $Enums[one] === values);
  if (name === undefined)
    throw new Error(`The graph has no enum of ${Object.keys(values).join(', ')}; give it a type.`);
  return enumNamed(name);
}
