import { type GraphQLResolveInfo, isObjectType } from 'graphql';
import { type Entitlement, requireEntitlement } from '../../auth/entitlements.js';
import { requireScope, type Scope } from '../../auth/scopes.js';
import type { Context } from '../../context.js';
import { entityOf, isOwnedEntity, type NodeEntity, type NodeReference } from '../../db/global-id.js';
import type { Selection } from '../../db/lists/keyset.js';
import { selectedInNode } from './selection.js';

/** How a node is fetched by its id. */
interface NodeSource {
  /** The scope that the key needs; null for none. */
  scope: Scope | null;
  /** The feature that the workspace's plan must include. */
  entitlement?: Entitlement;
  /** Reads the row, if it is not read by its id alone. */
  load?(context: Context, id: string): Promise<object | null>;
}

declare module 'graphql' {
  interface GraphQLObjectTypeExtensions<_TSource, _TContext> {
    node?: NodeSource;
  }
}

/** The options of a Prisma type that is a node, beside its description and fields. */
export const node = (source: NodeSource) =>
  ({
    id: {
      description: 'The opaque global id; the same for as long as the object lives.',
      resolve: ({ id }: { id: string }) => id,
    },
    findUnique: (id: string, { caller: { workspaceId } }: Context) => ({ workspaceId_id: { workspaceId, id } }),
    // The workspace is always the caller's, so rows need not contain it.
    select: { id: true, workspaceId: false },
    extensions: { node: source, ...(source.scope && { scope: source.scope }) },
  }) as const;

export const maxNodes = 100;

export const databaseId = {
  description: 'The plain id, as the REST interfaces show it. Arguments take either id.',
} as const;

export const version = {
  description:
    'The number of the current version, which every change increments. Pass it as ifVersion, so that you do not overwrite a change of another writer.',
} as const;

export const updatedAt = {
  type: 'DateTime',
  nullable: true,
  description: 'When it was last changed; null if never.',
} as const;

/**
 * The object of a reference; null when there is none. The loading of the relay plugin is not used: it marks the row
 * with its type, and one row can represent two types, Customer and Contact.
 * @throws FORBIDDEN without the scope of its type.
 */
export async function loadNode(
  context: Context,
  info: GraphQLResolveInfo,
  { type, id }: NodeReference,
): Promise<object | null> {
  const definition = info.schema.getType(type);
  const source = isObjectType(definition) ? definition.extensions.node : undefined;
  if (!source) return null;
  if (source.scope) requireScope(context.caller.scopes, source.scope);
  if (source.entitlement) requireEntitlement(await context.loaders.workspaces.own(), source.entitlement);
  const row = await (source.load?.(context, id) ?? loadRow(context, entityOf(type), id, selectedInNode(info, type)));
  return row && { ...row, __typename: type };
}

/**
 * The objects of many references, in their order. An error takes the place of an object that failed: graphql-jit
 * confuses the places when several promises are rejected.
 */
export const loadEach = (loading: readonly Promise<object | null>[]): Promise<(object | null)[]> =>
  Promise.all(loading.map((one) => one.catch(asError)));

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));

const loadRow = (
  { loaders }: Context,
  entity: NodeEntity,
  id: string,
  selection: Selection,
): Promise<object | null> | null => (isOwnedEntity(entity) ? loaders.byId(entity, selection).load(id) : null);
