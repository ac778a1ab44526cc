import { type GraphQLNamedType, type GraphQLObjectType, type GraphQLSchema, isObjectType } from 'graphql';
import { type Annotate, printAnnotated } from '../printed/annotated.js';
import { scopeOf } from '../scopes.js';

/**
 * The Federation version. It defines `@key` and `@shareable` with their current meaning, and the locations of `@tag`.
 */
const link = 'https://specs.apollo.dev/federation/v2.3';

/** The key fields of every node. */
export const keyFields = ['id', 'databaseId'] as const;

/** Types without an identity, which other subgraphs may define in the same way. */
const values: ReadonlySet<string> = new Set(['PageInfo', 'Money', 'UserError']);

/** The schema text that gateways compose with other subgraphs. */
export const subgraphSdl = (schema: GraphQLSchema): string =>
  printAnnotated(schema, `extend schema @link(url: "${link}", import: ["@key", "@shareable", "@tag"])`, annotate)
    // Not every composition library supports @oneOf. The subgraph itself still checks the input.
    .replaceAll(/^(input \w+) @oneOf/gm, '$1');

const annotate: Annotate = (type, field) => {
  if (field || !isObjectType(type)) return [];
  const scope = scopeOf(type);
  return [
    ...(isEntity(type) ? keyFields.map((name) => `@key(fields: "${name}")`) : []),
    ...(values.has(type.name) ? ['@shareable'] : []),
    // A tag per scope, so that a contract can leave out what a key with fewer scopes could not read.
    ...(scope ? [`@tag(name: "scope/${scope.replace(':', '/')}")`] : []),
  ];
};

export const isEntity = (type: GraphQLNamedType): type is GraphQLObjectType =>
  isObjectType(type) && type.extensions.node !== undefined;
