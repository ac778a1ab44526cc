import type { InputFieldMap, InputRef } from '@pothos/core';
import { z } from 'zod';
import { inputMeta, itemsOf } from '../../lib/values/validation.js';
import { builder, type SchemaTypes } from './builder.js';
import { enumOf } from './enums.js';

/**
 * Derives the input types of the graph from the zod schemas with which services validate them. Fields, types, required
 * fields and descriptions are defined only there.
 */

type InputBuilder = PothosSchemaTypes.InputFieldBuilder<SchemaTypes, 'InputObject'>;
// The zod schema decides which values an input accepts; the builder sees one type for all.
type AnyInput = InputRef<unknown>;

const named = new Map<string, AnyInput>();

/** Registers an input or an enum for schemas that name it in their meta. */
export function nameInput<Ref extends AnyInput>(name: string, ref: Ref): Ref {
  named.set(name, ref);
  return ref;
}

/** Defines the input type of this name from the zod schema. */
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

/** The graph's scalar for each zod type. A union can only be of numbers. */
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

/** The schema and the schemas it wraps or transforms, from the outermost to the innermost. */
function layersOf(schema: z.ZodType): z.ZodType[] {
  const next: unknown = schema instanceof z.ZodPipe ? sideOf(schema) : isWrapper(schema) ? schema.unwrap() : undefined;
  return next instanceof z.ZodType ? [schema, ...layersOf(next)] : [schema];
}

/**
 * The side of a pipe that describes the input: the output side if the pipe begins with a transform of the whole value,
 * else the input side.
 */
const sideOf = (pipe: z.ZodPipe) => (pipe.in instanceof z.ZodTransform ? pipe.out : pipe.in);

const isWrapper = (schema: z.ZodType): schema is z.ZodOptional<z.ZodType> | z.ZodNullable<z.ZodType> =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodNullable;

const innermost = (schema: z.ZodType): z.ZodType => layersOf(schema).at(-1) ?? schema;
const isOptional = (schema: z.ZodType): boolean => layersOf(schema).some(isWrapper);
const descriptionOf = (schema: z.ZodType): string | undefined =>
  layersOf(schema).find(({ description }) => description !== undefined)?.description;
