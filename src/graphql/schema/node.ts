import type { InterfaceRef } from '@pothos/core';
import { type Entitlement, requireEntitlement } from '../../auth/entitlements.js';
import type { Scope } from '../../auth/scopes.js';
import type { Context } from '../../context.js';
import { type NodeReference, type NodeType, readNodeId } from '../../db/global-id.js';
import { badInput } from '../../errors.js';
import { builder, requireScope, type SchemaTypes } from './builder.js';

/**
 * Relay's Node, kept by hand rather than by the relay plugin: ids resolve without a promise each, both forms of an
 * id are taken, and one row can stand for two types (Customer and Contact), which a mark on the row could not tell.
 */

interface NodeSource {
  scope: Scope | null;
  /** What the workspace's plan must include. */
  entitlement?: Entitlement;
  load(context: Context, id: string): Promise<object | null>;
}

const sources = new Map<NodeType, NodeSource>();

export const Node = builder.nodeInterfaceRef() as InterfaceRef<SchemaTypes, { id: string }>;

/** How each type that is not in `sources` is loaded says its type itself. */
export const nodeSource = (type: NodeType, source: NodeSource): void => void sources.set(type, source);

const maxNodes = 100;

builder.queryFields((t) => ({
  node: t.field({
    description: 'The object with this id; null when the workspace has none. Needs the scope of its type.',
    type: Node,
    nullable: true,
    authScopes: { anyKey: true },
    args: { id: t.arg.id({ required: true, description: 'A global id or a plain one.' }) },
    resolve: (_root, { id }, context) => loadNode(context, readNodeId(id, ['id'])),
  }),
  nodes: t.field({
    description: 'The objects with these ids, in their order; null where the workspace has none. At most 100.',
    type: [Node],
    nullable: { list: false, items: true },
    authScopes: { anyKey: true },
    args: { ids: t.arg.idList({ required: true, description: 'Global ids or plain ones.' }) },
    resolve: (_root, { ids }, context) => {
      if (ids.length > maxNodes) throw badInput(['ids'], `At most ${maxNodes} ids.`);
      const references = ids.map((id, index) => readNodeId(id, ['ids', index]));
      return references.map((reference) => loadNode(context, reference));
    },
  }),
}));

/** The object that a reference names; null when there is none. @throws FORBIDDEN without the scope of its type. */
export async function loadNode(context: Context, { type, id }: NodeReference): Promise<{ id: string } | null> {
  const source = sources.get(type);
  if (!source) return null;
  if (source.scope) requireScope(context.caller.scopes, source.scope);
  if (source.entitlement) requireEntitlement(await context.loaders.workspaces.own(), source.entitlement);
  const row = await source.load(context, id);
  return row && ({ ...row, __typename: type } as unknown as { id: string });
}

/** What the nodes that are Prisma types have in common: their ids and where a row is found again. */
export const nodeOptions = {
  id: {
    description: 'The opaque global id; the same for as long as the object lives.',
    resolve: ({ id }: { id: string }) => id,
  },
  findUnique: (id: string, { caller: { workspaceId } }: Context) => ({ workspaceId_id: { workspaceId, id } }),
  // The workspace is the caller's: no row has to bring it.
  select: { id: true, workspaceId: false },
} as const;

export const databaseId = {
  description: 'The plain id, as the REST interfaces show it. Arguments take either id.',
} as const;
