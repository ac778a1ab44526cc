import type { Caller } from '../../auth/caller.js';
import type { Entitlement as EntitlementName } from '../../auth/entitlements.js';
import { builder } from '../../graphql/schema/builder.js';
import { databaseId, node } from '../../graphql/schema/node.js';
import { Agent } from '../agent/agent.types.js';

const Entitlement = builder.enumType('Entitlement', {
  description: "What a workspace's plan includes beyond the support desk itself.",
  values: {
    REVENUE_TRACKING: { description: 'Conversions, lifetime value and cohorts.' },
  } satisfies Record<EntitlementName, { description: string }>,
});

const Workspace = builder.prismaNode('Workspace', {
  description: 'The tenant that everything else belongs to; a key opens exactly one. Any key may read it.',
  ...node({
    scope: null,
    load: async ({ loaders, caller }, id) => (id === caller.workspaceId ? loaders.workspaces.own() : null),
  }),
  findUnique: (id) => ({ id }),
  select: { id: true },
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    name: t.exposeString('name', { description: 'What people call it.' }),
    uuid: t.exposeString('uuid', { description: 'A UUID of the workspace, for systems that name it by one.' }),
    timezone: t.exposeString('timezone', {
      description: 'The IANA time zone in which its days, weeks and months begin.',
    }),
    currency: t.exposeString('currency', { description: 'The ISO 4217 code of the currency its money is kept in.' }),
    entitlements: t.field({
      type: [Entitlement],
      description: 'What its plan includes beyond the support desk.',
      select: { entitlements: true },
      resolve: ({ entitlements }) => entitlements as EntitlementName[],
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
  }),
});

const ApiKeyKind = builder.enumType('ApiKeyKind', {
  description: 'Whom a key stands for.',
  values: {
    USER: { description: 'An agent; what the key does, the agent did.' },
    API_USER: { description: 'An integration.' },
  },
});

const Viewer = builder.objectRef<Caller>('Viewer').implement({
  description: 'Who is calling, as the key says.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ApiKeyKind, description: 'Whom the key stands for.' }),
    scopes: t.stringList({
      description: 'What the key may do, such as "customers:read".',
      resolve: ({ scopes }) => [...scopes].sort(),
    }),
    agent: t.field({
      type: Agent,
      nullable: true,
      description: 'The agent that a USER key stands for; null for API_USER keys.',
      resolve: ({ agentId }, _args, { loaders }) => (agentId === null ? null : loaders.byId('Agent').load(agentId)),
    }),
    workspace: t.field({
      type: Workspace,
      description: 'The workspace that the key opens.',
      resolve: (_caller, _args, { loaders }) => loaders.workspaces.own(),
    }),
  }),
});

builder.queryFields((t) => ({
  viewer: t.field({
    type: Viewer,
    description: 'Who is calling. Any key may ask.',
    authScopes: { anyKey: true },
    resolve: (_root, _args, { caller }) => caller,
  }),
  workspace: t.field({
    type: Workspace,
    description: 'The workspace that the key opens. Any key may ask.',
    authScopes: { anyKey: true },
    resolve: (_root, _args, { loaders }) => loaders.workspaces.own(),
  }),
}));
