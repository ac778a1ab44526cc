import {
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
} from 'graphql';
import type { Context } from '../../../context.js';
import { loadEntities, maxRepresentations } from './entities.js';
import { isEntity, subgraphSdl } from './sdl.js';

/**
 * The schema as a subgraph of Apollo Federation 2, with the root fields for the schema text and for entities. It is
 * derived from the finished schema, so it is otherwise identical to the standalone schema.
 */
export function asSubgraph(schema: GraphQLSchema): GraphQLSchema {
  const { types, query, ...config } = schema.toConfig();
  if (!query) throw new Error('The schema has no queries.');
  const sdl = subgraphSdl(schema);

  const any = new GraphQLScalarType({
    name: '_Any',
    description: 'What a gateway knows of an object: its `__typename` and one of its keys.',
  });
  const entity = new GraphQLUnionType({
    name: '_Entity',
    description: 'Whatever has a key.',
    types: types.filter(isEntity),
  });
  const service = new GraphQLObjectType({
    name: '_Service',
    description: 'This subgraph.',
    fields: {
      sdl: {
        type: new GraphQLNonNull(GraphQLString),
        description: 'The text of its schema.',
        resolve: () => sdl,
      },
    },
  });
  const withFields = query.toConfig();
  const subgraphQuery = new GraphQLObjectType<unknown, Context>({
    ...withFields,
    fields: {
      ...withFields.fields,
      _service: {
        type: new GraphQLNonNull(service),
        description: 'What gateways compose the graph of.',
        resolve: () => ({}),
      },
      _entities: {
        type: new GraphQLNonNull(new GraphQLList(entity)),
        description: `The objects that a gateway names by their keys, in their order; null where the workspace has none. At most ${maxRepresentations}. Each needs the scope of its type.`,
        args: {
          representations: {
            type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(any))),
            description: 'Each a `__typename` and an `id` or a `databaseId`.',
          },
        },
        resolve: (_root, { representations }, context, info) => loadEntities(representations, context, info),
      },
    },
  });
  return new GraphQLSchema({ ...config, query: subgraphQuery, types: types.filter((type) => type !== query) });
}
