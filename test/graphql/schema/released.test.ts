import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema, type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from '../../../src/graphql/schema.js';
import { packageRoot } from '../../../src/lib/process/root.js';

/** What clients of the last release rely on is there still. CONTRIBUTING.md says how a release takes the schema over. */

/** Breaks since the last release that were decided on, each with its reason. A release empties it. */
const allowedBreaks: Readonly<Record<string, string>> = {};

const released = buildSchema(readFileSync(join(packageRoot, 'schema.released.graphql'), 'utf8'));

async function breaksBetween(before: GraphQLSchema, after: GraphQLSchema): Promise<string[]> {
  const changes = await diff(before, after);
  return changes
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ path = '', message }) => `${path}: ${message}`);
}

describe('against the last release', () => {
  test('nothing breaks but what is allowed to', async () => {
    const breaks = await breaksBetween(released, schema);
    expect(breaks.filter((one) => allowedBreaks[one] === undefined)).toEqual([]);
  });

  test('a break is noticed', async () => {
    const before = buildSchema('type Query { a: Int b(c: Int): Int } input I { d: Int } enum E { F G }');
    const after = buildSchema('type Query { b(c: Int!): Int } input I { d: Int! } enum E { F }');
    expect((await breaksBetween(before, after)).map((one) => one.split(':')[0])).toEqual(
      expect.arrayContaining(['Query.a', 'Query.b.c', 'I.d', 'E.G']),
    );
  });
});

/** A field, an argument, an input field or a value of an enum. */
interface Deprecable {
  name: string;
  deprecationReason?: string | null | undefined;
}

describe('what is deprecated', () => {
  /** Half a sentence for what to use, and the day after which it may go. */
  const form = /^Use .+\. Goes after \d{4}-\d\d-\d\d\.$/s;

  const undatedIn = (of: GraphQLSchema): string[] =>
    Object.values(of.getTypeMap())
      .flatMap((type): readonly Deprecable[] => {
        if (isEnumType(type)) return type.getValues();
        if (isInputObjectType(type)) return Object.values(type.getFields());
        if (!isObjectType(type) && !isInterfaceType(type)) return [];
        return Object.values(type.getFields()).flatMap((field) => [field, ...field.args]);
      })
      .filter(({ deprecationReason }) => deprecationReason != null && !form.test(deprecationReason))
      .map(({ name }) => name);

  test('says what to use, and after which day it goes', () => {
    expect(undatedIn(schema)).toEqual([]);
    const some = buildSchema(`type Query {
      a: Int @deprecated(reason: "Use b. Goes after 2027-06-30.")
      b(c: Int @deprecated): Int
    }`);
    expect(undatedIn(some)).toEqual(['c']);
  });
});
