import type { InputFieldMap, InputRef } from '@pothos/core';
import { z } from 'zod';
import { inputMeta, itemsOf } from '../../lib/values/validation.js';
import { builder, type SchemaTypes } from './builder.js';
import { enumOf } from './enums.js';

/**
 * The graph's inputs, derived from the zod schemas by which services check them: the fields, their types, which of them
 * are required and their descriptions are written there and nowhere else.
 */

type InputBuilder = PothosSchemaTypes.InputFieldBuilder<SchemaTypes, 'InputObject'>;
// Which values an input takes is told by its schema; to the builder all are alike.
type AnyInput = InputRef<unknown>;

const named = new Map<string, AnyInput>();

/** Makes an input or an enum known to schemas that name it in their meta. */
export function nameInput<Ref extends AnyInput>(name: string, ref: Ref): Ref {
  named.set(name, ref);
  return ref;
}

/** The input of this name, which takes what the schema takes. */
export function inputOf(name: string, schema: z.ZodType, description: string): AnyInput {
  const ref = builder.inputRef<object>(name);
  nameInput(name, ref);
  ref.implement({ description, fields: (t) => fieldsOf(t, schema) });
  return ref;
}

function fieldsOf(t: InputBuilder, schema: z.ZodType): InputFieldMap {
  const object = innermost(schema);
  if (!(object instanceof z.ZodObject)) throw new Error('An input of the graph is an object.');
  const fields = Object.entries<z.ZodType>(object.shape).map(([name, field]) => {
    const description = descriptionOf(field);
    if (description === undefined) throw new Error(`The input field ${name} has no description.`);
    return [name, t.field({ type: typeOf(field), required: !isOptional(field), description })];
  });
  return Object.fromEntries(fields);
}

function typeOf(schema: z.ZodType): AnyInput | [AnyInput] {
  const type = layersOf(schema).flatMap((layer) => inputMeta.get(layer)?.type ?? [])[0];
  const known = type === undefined ? undefined : named.get(type);
  if (known) return known;
  const inner = innermost(schema);
  if (inner instanceof z.ZodArray) return [elementOf(inner)];
  if (inner instanceof z.ZodEnum) return enumOf(inner.def.entries);
  if (inner instanceof z.ZodObject && type !== undefined) return inputOf(type, inner, descriptionOf(schema) ?? '');
  const scalar = type ?? scalars[inner.def.type];
  if (scalar === undefined) throw new Error(`The graph has no input for a ${inner.def.type}; give it a type.`);
  return scalar as unknown as AnyInput;
}

/** The graph's scalars for the types of zod. A union is one of numbers of any size. */
const scalars: Readonly<Record<string, string>> = {
  string: 'String',
  boolean: 'Boolean',
  number: 'Int',
  bigint: 'BigInt',
  union: 'BigInt',
  date: 'DateTime',
  record: 'JSONObject',
};

function elementOf(list: z.ZodArray): AnyInput {
  const type = typeOf(itemsOf.get(list) ?? (list.element as z.ZodType));
  if (Array.isArray(type)) throw new Error('An input of the graph holds no lists of lists.');
  return type;
}

/** The schema and what it wraps or transforms, from the outermost on. */
function layersOf(schema: z.ZodType): z.ZodType[] {
  const next: unknown = schema instanceof z.ZodPipe ? sideOf(schema) : isWrapper(schema) ? schema.unwrap() : undefined;
  return next instanceof z.ZodType ? [schema, ...layersOf(next)] : [schema];
}

/** What a pipe takes: what stands behind a look at the whole value, else what it begins with. */
const sideOf = (pipe: z.ZodPipe) => (pipe.in instanceof z.ZodTransform ? pipe.out : pipe.in);

const isWrapper = (schema: z.ZodType): schema is z.ZodOptional<z.ZodType> | z.ZodNullable<z.ZodType> =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodNullable;

const innermost = (schema: z.ZodType): z.ZodType => layersOf(schema).at(-1) ?? schema;
const isOptional = (schema: z.ZodType): boolean => layersOf(schema).some(isWrapper);
const descriptionOf = (schema: z.ZodType): string | undefined =>
  layersOf(schema).find(({ description }) => description !== undefined)?.description;
