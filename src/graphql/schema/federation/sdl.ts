import { type GraphQLNamedType, type GraphQLObjectType, type GraphQLSchema, isObjectType } from 'graphql';
import { type Annotate, printAnnotated } from '../printed/annotated.js';
import { scopeOf } from '../scopes.js';

/** What it takes of Federation: with this version `@key` and `@shareable` have their present meaning, and `@tag` its place. */
const link = 'https://specs.apollo.dev/federation/v2.3';

/** What every node is known by. */
export const keyFields = ['id', 'databaseId'] as const;

/** Values without an identity, which other subgraphs may have in the same form. */
const values: ReadonlySet<string> = new Set(['PageInfo', 'Money', 'UserError']);

/** The text of the schema as gateways compose it with those of other subgraphs. */
export const subgraphSdl = (schema: GraphQLSchema): string =>
  printAnnotated(schema, `extend schema @link(url: "${link}", import: ["@key", "@shareable", "@tag"])`, annotate)
    // Not every composition library knows it. The subgraph itself refuses what is not exactly one.
    .replaceAll(/^(input \w+) @oneOf/gm, '$1');

const annotate: Annotate = (type, field) => {
  if (field || !isObjectType(type)) return [];
  const scope = scopeOf(type);
  return [
    ...(isEntity(type) ? keyFields.map((name) => `@key(fields: "${name}")`) : []),
    ...(values.has(type.name) ? ['@shareable'] : []),
    // So that a contract can leave out what a key with fewer scopes could not read.
    ...(scope ? [`@tag(name: "scope/${scope.replace(':', '/')}")`] : []),
  ];
};

export const isEntity = (type: GraphQLNamedType): type is GraphQLObjectType =>
  isObjectType(type) && type.extensions.node !== undefined;
