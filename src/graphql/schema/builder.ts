import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { requireEntitlement } from '../../auth/entitlements.js';
import { requireScope, type Scope } from '../../auth/scopes.js';
import { type Context, prismaClient } from '../../context.js';
import { encodeGlobalId, type NodeType, readNodeId } from '../../db/global-id.js';
import { analytical } from '../../db/reading/analytical.js';
import { badInput } from '../../errors.js';
import type PrismaTypes from '../../generated/pothos.js';
import { getDatamodel } from '../../generated/pothos.js';
import { costs } from '../limits/cost.js';
import { carriedPlugin } from './carried.js';
import { loadEach, loadNode, maxNodes } from './node.js';

type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** A scope, or two alternative scopes. */
export type Wanted = Scope | readonly [Scope, Scope];

/** The schema builder. It defines no types: each module defines its own, and schema.ts imports all modules. */
export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  /** Connections have a total count beside edges and pageInfo. */
  Connection: { count: () => Promise<number> };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    /** A calendar date, as YYYY-MM-DD. */
    LocalDate: { Input: string; Output: string };
    BigInt: { Input: bigint | number; Output: bigint };
    JSONObject: { Input: Record<string, JsonValue>; Output: unknown };
  };
  AuthScopes: {
    /** Any valid key. */
    anyKey: boolean;
    /** A key that holds this scope, or one of these. */
    scope: Wanted;
    /** Like `scope`, and the workspace must have revenue tracking. */
    revenue: Wanted;
    /** Like `revenue`, for heavy analytics fields, which report their errors themselves. */
    analytics: Scope;
  };
}>({
  // From the outermost to the innermost.
  plugins: [ScopeAuthPlugin, carriedPlugin, PrismaPlugin, RelayPlugin],
  defaultFieldNullability: false,
  prisma: { client: (context) => context[prismaClient], dmmf: getDatamodel(), skipDeferredFragments: false },
  relay: {
    clientMutationId: 'omit',
    cursorType: 'String',
    encodeGlobalID: (type, id) => encodeGlobalId(type as NodeType, String(id)),
    // Resolvers decode the ids, because only they know the argument path of an invalid one.
    decodeGlobalID: (id) => ({ typename: '', id }),
    nodeQueryOptions: {
      description: 'The object with this id; null when the workspace has none. Needs the scope of its type.',
      authScopes: { anyKey: true },
      args: { id: { description: 'A global id or a plain one.' } },
      resolve: (_root, { id: { id } }, context, info) => loadNode(context, info, readNodeId(id, ['id'])),
    },
    nodesQueryOptions: {
      description: 'The objects with these ids, in their order; null where the workspace has none. At most 100.',
      authScopes: { anyKey: true },
      args: { ids: { description: 'Global ids or plain ones.' } },
      resolve: (_root, { ids }, context, info) => {
        if (ids.length > maxNodes) throw badInput(['ids'], `At most ${maxNodes} ids.`);
        const references = ids.map(({ id }, index) => readNodeId(id, ['ids', index]));
        return loadEach(references.map((reference) => loadNode(context, info, reference)));
      },
    },
    nodeTypeOptions: { description: 'An object with a global id, by which `node` returns it.' },
    idFieldOptions: {
      description: 'The opaque global id, which carries the type.',
      extensions: { isGlobalId: true },
    },
    edgesFieldOptions: { description: 'The rows of the page, each with its cursor.', ...costs(0), nullable: false },
    nodesOnConnection: { description: 'The rows of the page, without cursors.' },
    pageInfoFieldOptions: { description: 'The position of the page in the list.', ...costs(0) },
    nodeFieldOptions: { description: 'The row itself.', nullable: false },
    cursorFieldOptions: {
      description: 'The opaque position of this row in this order. It stays valid when rows are added or removed.',
    },
    pageInfoTypeOptions: { description: 'The position of a page in its list.' },
    hasNextPageFieldOptions: {
      description: 'Whether there are rows after the page. When paging backwards: whether a `before` cursor was given.',
    },
    hasPreviousPageFieldOptions: {
      description:
        'Whether there are rows before the page. When paging forwards: whether an `after` cursor or an offset was given.',
    },
    startCursorFieldOptions: {
      description: 'The cursor of the first row, to pass as `before`; null on an empty page.',
    },
    endCursorFieldOptions: { description: 'The cursor of the last row, to pass as `after`; null on an empty page.' },
    firstArgOptions: {
      description: 'How many rows from the start of the range: 1 to 100; 20 if first and last are omitted.',
    },
    afterArgOptions: { description: 'Only rows after this cursor.' },
    lastArgOptions: { description: 'How many rows from the end of the range, 1 to 100; not together with first.' },
    beforeArgOptions: { description: 'Only rows before this cursor.' },
  },
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: ({ caller, loaders }) => {
      const scope = (wanted: Wanted): boolean => {
        const [first, ...others] = typeof wanted === 'string' ? ([wanted] as const) : wanted;
        requireScope(caller.scopes, first, ...others);
        return true;
      };
      const revenue = async (wanted: Wanted): Promise<boolean> => {
        scope(wanted);
        requireEntitlement(await loaders.workspaces.own(), 'REVENUE_TRACKING');
        return true;
      };
      return {
        anyKey: true,
        scope,
        revenue,
        analytics: (wanted) => analytical(() => revenue(wanted)),
      };
    },
  },
});

/** The builder's type parameters with their defaults, for helpers that take refs and field builders. */
export type SchemaTypes = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Types> ? Types : never;

builder.queryType({ description: 'The queries. All data belongs to the workspace of the key.' });
builder.mutationType({
  description:
    'The mutations. Every payload has `userErrors`: the errors that the caller can correct. If there are any, nothing was written.',
});
builder.subscriptionType({
  description:
    'The subscriptions, over server-sent events and over WebSocket. Every change has a `seq`. Pass the last one as `after` to resume a subscription without lost or repeated changes.',
});
