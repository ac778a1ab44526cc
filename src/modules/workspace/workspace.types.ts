import type { Caller } from '../../auth/caller.js';
import type { Entitlement as EntitlementName } from '../../auth/entitlements.js';
import { builder } from '../../graphql/schema/builder.js';
import { databaseId, node } from '../../graphql/schema/node.js';
import { Agent } from '../agent/agent.types.js';
import { ApiKeyKind } from '../api-key/api-key.types.js';

const Entitlement = builder.enumType('Entitlement', {
  description: 'What the plan of a workspace includes in addition to the support desk.',
  values: {
    REVENUE_TRACKING: { description: 'Conversions, lifetime value and cohorts.' },
  } satisfies Record<EntitlementName, { description: string }>,
});

export const Workspace = builder.prismaNode('Workspace', {
  description: 'The tenant that owns all other objects. A key gives access to exactly one. Any key may read it.',
  ...node({
    scope: null,
    load: async ({ loaders, caller }, id) => (id === caller.workspaceId ? loaders.workspaces.own() : null),
  }),
  findUnique: (id) => ({ id }),
  select: { id: true },
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    name: t.exposeString('name', { description: 'The display name.' }),
    uuid: t.exposeString('uuid', { description: 'A UUID of the workspace, for systems that identify it by one.' }),
    timezone: t.exposeString('timezone', {
      description: 'The IANA time zone that defines its days, weeks and months.',
    }),
    currency: t.exposeString('currency', { description: 'The ISO 4217 code of its base currency.' }),
    defaultCountry: t.exposeString('defaultCountry', {
      nullable: true,
      description: 'The ISO 3166 code of the country for phone numbers without a country code; null when not set.',
    }),
    showsNumberInSubjects: t.exposeBoolean('showsNumberInSubjects', {
      description: 'Whether mails show the number of their conversation in the subject, such as [#1042].',
    }),
    eventRetentionDays: t.exposeInt('eventRetentionDays', {
      nullable: true,
      description: 'How many days events are kept; null for ever.',
    }),
    entitlements: t.field({
      type: [Entitlement],
      description: 'What its plan includes in addition to the support desk.',
      select: { entitlements: true },
      resolve: ({ entitlements }) => entitlements as EntitlementName[],
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
  }),
});

const Viewer = builder.objectRef<Caller>('Viewer').implement({
  description: 'The caller, as identified by the API key.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ApiKeyKind, description: 'Who the key acts as.' }),
    scopes: t.stringList({
      description: 'The scopes of the key, such as "customers:read".',
      resolve: ({ scopes }) => [...scopes].sort(),
    }),
    agent: t.field({
      type: Agent,
      nullable: true,
      description: 'The agent that a USER key acts as; null for API_USER keys.',
      resolve: ({ agentId }, _args, { loaders }) => (agentId === null ? null : loaders.byId('Agent').load(agentId)),
    }),
    workspace: t.field({
      type: Workspace,
      description: 'The workspace of the key.',
      resolve: (_caller, _args, { loaders }) => loaders.workspaces.own(),
    }),
  }),
});

builder.queryFields((t) => ({
  viewer: t.field({
    type: Viewer,
    description: 'The caller. Any key may read it.',
    authScopes: { anyKey: true },
    resolve: (_root, _args, { caller }) => caller,
  }),
  workspace: t.field({
    type: Workspace,
    description: 'The workspace of the key. Any key may read it.',
    authScopes: { anyKey: true },
    resolve: (_root, _args, { loaders }) => loaders.workspaces.own(),
  }),
}));
