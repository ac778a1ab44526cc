import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import { defaultFieldResolver, type GraphQLFieldResolver } from 'graphql';
import type { Context } from '../../context.js';
import { encodeGlobalId, isOwnedEntity, type NodeType } from '../../db/global-id.js';
import { notFound } from '../../errors.js';

/**
 * Lets a field of a Prisma type answer from its row when the row carries what the field selects. The Prisma plugin by
 * itself loads a row again unless a query of its own brought it, which it tells by the path in the answer; the statements
 * and loaders here bring rows of which it knows nothing, and graphql-jit makes a new path for each field. What a row does
 * not carry is left to the Prisma plugin. Stands before it in the list of plugins, so that it is asked first.
 */
export const carriedPlugin = 'carried';

class CarriedPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    { name, parentType, extensions, pothosOptions, resolve }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    // The relay plugin writes each id in promises of its own.
    if (extensions?.isGlobalId) return (row) => encodeGlobalId(parentType as NodeType, (row as { id: string }).id);
    const select = extensions?.pothosPrismaSelect as object | undefined;
    if (!select || !resolve) return resolver;
    // Without a resolver graphql-jit reads the column in place, and makes no info for it.
    if (extensions?.pothosExposedField === name) return defaultFieldResolver;
    const relation = extensions?.pothosPrismaRelationField as Relation | undefined;
    const isFunction = typeof (pothosOptions as { select?: unknown }).select === 'function';
    if (isFunction) return resolver;
    // Another view of the same row selects nothing of its own.
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

/** The one row that a row points to: what it carries, else by its foreign key from the loader of all such rows. */
function ofRelation(relation: Relation, own: Resolver, resolver: Resolver): Resolver {
  const { name, type, isRequired } = relation;
  const key = relation.relationFromFields?.find((column) => column !== 'workspaceId') ?? '';
  return (row, args, context, info) => {
    if (row[name] !== undefined) return own(row, args, context, info);
    const id = row[key];
    if (id === null) return null;
    if (id === undefined || !isOwnedEntity(type)) return resolver(row, args, context, info);
    const found = context.loaders.byId(type).load(id as string);
    // A purge since the row was read can have taken it.
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
