import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import { defaultFieldResolver, type GraphQLFieldResolver } from 'graphql';
import type { Context } from '../../context.js';
import { encodeGlobalId, isOwnedEntity, type NodeType } from '../../db/global-id.js';
import { notFound } from '../../errors.js';

/**
 * Resolves a field of a Prisma type from its row if the row contains what the field selects. The Prisma plugin loads a
 * row again unless its own query read it, which it recognises by the path in the response. Here rows come from other
 * statements and loaders, and graphql-jit creates a new path object for each field. If the row lacks something, the
 * Prisma plugin resolves the field. This plugin must come before the Prisma plugin in the list.
 */
export const carriedPlugin = 'carried';

class CarriedPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    { name, parentType, extensions, pothosOptions, resolve }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    // A direct resolver, because the relay plugin creates several promises for each id.
    if (extensions?.isGlobalId) return (row) => encodeGlobalId(parentType as NodeType, (row as { id: string }).id);
    const select = extensions?.pothosPrismaSelect as object | undefined;
    if (!select || !resolve) return resolver;
    // Without a resolver graphql-jit reads the property directly and creates no info object.
    if (extensions?.pothosExposedField === name) return defaultFieldResolver;
    const relation = extensions?.pothosPrismaRelationField as Relation | undefined;
    const isFunction = typeof (pothosOptions as { select?: unknown }).select === 'function';
    if (isFunction) return resolver;
    // Another type for the same row selects nothing by itself.
    const own = resolve as typeof resolver;
    if (relation && !relation.isList) return ofRelation(relation, own, resolver) as typeof resolver;
    const [first, ...others] = typeof select === 'function' ? [] : Object.keys(select);
    if (first === undefined) return own;
    return (row, args, context, info) => {
      const carried = row as Record<string, unknown>;
      if (carried[first] === undefined || others.some((column) => carried[column] === undefined)) {
        return resolver(row, args, context, info);
      }
      return own(row, args, context, info);
    };
  }
}

interface Relation {
  name: string;
  type: string;
  isList: boolean;
  isRequired: boolean;
  relationFromFields?: string[];
}

type Resolver = GraphQLFieldResolver<Record<string, unknown>, Context, object>;

/**
 * The row of a to-one relation: taken from the parent row if it is there, else read by its foreign key with the loader.
 */
function ofRelation(relation: Relation, own: Resolver, resolver: Resolver): Resolver {
  const { name, type, isRequired } = relation;
  const key = relation.relationFromFields?.find((column) => column !== 'workspaceId') ?? '';
  return (row, args, context, info) => {
    if (row[name] !== undefined) return own(row, args, context, info);
    const id = row[key];
    if (id === null) return null;
    if (id === undefined || !isOwnedEntity(type)) return resolver(row, args, context, info);
    const found = context.loaders.byId(type).load(id as string);
    // A purge may have removed it since the row was read.
    return isRequired ? found.then((one) => one ?? Promise.reject(notFound(type, []))) : found;
  };
}

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      carried: CarriedPlugin<Types>;
    }
  }
}

SchemaBuilder.registerPlugin(carriedPlugin, CarriedPlugin);
