import {
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from '../../../src/graphql/schema.js';

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);

describe('the schema', () => {
  test('is the committed one; `npm run schema` writes it anew', async () => {
    await expect(`${printSchema(lexicographicSortSchema(schema))}\n`).toMatchFileSnapshot('../../../schema.graphql');
  });

  test('describes itself and every type, field, argument, input field and enum value', () => {
    expect(schema.description).toMatch(/workspace/);
    expect(types.flatMap(elementsOf).filter(({ description }) => !description?.trim())).toEqual([]);
  });

  test('says more of a field than its name', () => {
    const words = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
    const echoes = types
      .flatMap(elementsOf)
      .filter(({ name, description }) => words(description ?? '') === words(name.split('.').at(-1) ?? ''));
    expect(echoes).toEqual([]);
  });

  test('says of every field that may be null when it is, so that none is null by an error alone', () => {
    const outputs = types.filter((type) => isObjectType(type) || isInterfaceType(type));
    const fields = outputs.flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })));
    const silent = fields
      .filter(({ field }) => !isNonNullType(field.type))
      .filter(({ type, field }) => !/\bnull\b/i.test(`${type.description} ${field.description}`));
    expect(silent.map(({ type, field }) => `${type.name}.${field.name}`)).toEqual([]);
    expect(schema.getDirective('semanticNonNull')).toBeUndefined();
  });

  test('says of every node type what it takes to fetch one by its id', () => {
    const node = schema.getType('Node');
    const nodes = isInterfaceType(node) ? schema.getPossibleTypes(node) : [];
    expect(nodes).toHaveLength(20);
    expect(nodes.filter(({ extensions }) => !extensions.node).map(({ name }) => name)).toEqual([]);
  });

  test('has an auth scope on every root field', () => {
    const roots = [schema.getQueryType(), schema.getMutationType()].filter((type) => type != null);
    const open = roots.flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => !hasAuthScope(field.extensions))
        .map((field) => `${type.name}.${field.name}`),
    );
    expect(roots).toHaveLength(2);
    expect(open).toEqual([]);
  });

  test('names every mutation verbNoun, with one input and a payload that holds userErrors', () => {
    const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
    expect(mutations.length).toBeGreaterThan(6);
    for (const { name, args, type } of mutations) {
      const typeName = name.charAt(0).toUpperCase() + name.slice(1);
      expect(args.map((arg) => `${arg.name}: ${arg.type}`)).toEqual([`input: ${typeName}Input!`]);
      expect(String(type)).toBe(`${typeName}Payload!`);
      const payload = schema.getType(`${typeName}Payload`) as GraphQLObjectType;
      expect(String(payload.getFields().userErrors?.type)).toBe('[UserError!]!');
    }
  });
});

interface Element {
  name: string;
  description: string | null | undefined;
}

function elementsOf(type: GraphQLNamedType): Element[] {
  return [{ name: type.name, description: type.description }, ...membersOf(type)];
}

function membersOf(type: GraphQLNamedType): Element[] {
  if (isEnumType(type)) return valuesOf(type);
  if (isInputObjectType(type)) return inputFieldsOf(type);
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => [
    { name: `${type.name}.${field.name}`, description: field.description },
    ...field.args.map((arg) => ({ name: `${type.name}.${field.name}.${arg.name}`, description: arg.description })),
  ]);
}

const valuesOf = (type: GraphQLEnumType): Element[] =>
  type.getValues().map(({ name, description }) => ({ name: `${type.name}.${name}`, description }));

const inputFieldsOf = (type: GraphQLInputObjectType): Element[] =>
  Object.values(type.getFields()).map(({ name, description }) => ({ name: `${type.name}.${name}`, description }));

const hasAuthScope = (extensions: { pothosOptions?: { authScopes?: unknown } }): boolean =>
  extensions.pothosOptions?.authScopes !== undefined;
