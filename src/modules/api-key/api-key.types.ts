import { readId } from '../../db/global-id.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { defineEnum } from '../../graphql/schema/enums.js';
import { databaseId, node, updatedAt, version } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { Agent } from '../agent/agent.types.js';
import { AuditActor } from '../changes/change.actor.types.js';
import { apiKeyList } from './api-key.fields.js';

export const ApiKeyKind = defineEnum('ApiKeyKind', {
  description: 'The kind of caller that a key acts as.',
  values: {
    API_USER: { description: 'An integration.' },
    USER: { description: 'An agent: changes made with the key are recorded as changes of the agent.' },
  },
});

export const ApiKey = builder.prismaNode('ApiKey', {
  description: 'An API key of the workspace, without its secret. Needs apiKeys:read.',
  ...node({ scope: 'apiKeys:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    prefix: t.exposeString('prefix', { description: 'The prefix of the secret; "oidc" for an agent who signs in.' }),
    name: t.exposeString('name', { nullable: true, description: 'The purpose of the key; null if none was given.' }),
    kind: t.expose('kind', { type: ApiKeyKind, description: 'The kind of caller that uses the key.' }),
    agent: t.field({
      type: Agent,
      nullable: true,
      description:
        'The agent that it acts as; null for an integration. The key is refused while the agent is deactivated.',
      select: { agentId: true },
      resolve: ({ agentId }, _args, { loaders }) => (agentId === null ? null : loaders.byId('Agent').load(agentId)),
    }),
    scopes: t.exposeStringList('scopes', { description: 'What it may do, such as "customers:read".' }),
    isActive: t.boolean({
      description: 'Whether it is neither revoked nor expired.',
      select: { revokedAt: true, expiresAt: true },
      resolve: ({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt === null || expiresAt > new Date()),
    }),
    maxCost: t.exposeInt('maxCost', {
      nullable: true,
      description: 'The maximum cost of an operation in points; null for the general limit.',
    }),
    rateCapacity: t.exposeInt('rateCapacity', {
      nullable: true,
      description: 'The number of points that it may spend at once; null for the general limit.',
    }),
    rateRestore: t.exposeInt('rateRestore', {
      nullable: true,
      description: 'The number of points restored per second; null for the general limit.',
    }),
    allowedOrigins: t.exposeStringList('allowedOrigins', {
      description: 'The origins of the pages that may use it; empty for any, and for other programs.',
    }),
    allowedNetworks: t.exposeStringList('allowedNetworks', {
      description: 'The addresses and networks from which it may be used; empty for any.',
    }),
    onlyTrustedDocuments: t.exposeBoolean('onlyTrustedDocuments', {
      description: 'Whether it may only run the trusted documents of the workspace.',
    }),
    createdBy: t.field({
      type: AuditActor,
      description: 'Who created it.',
      select: { createdBy: true },
      resolve: ({ createdBy }) => ({ actorId: createdBy }),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used, accurate to a minute; null if it never was.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it expires; null for never.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was revoked; null if it was not.',
    }),
    previousUntil: t.expose('previousUntil', {
      type: 'DateTime',
      nullable: true,
      description:
        'Until when the secret from before the last rotation is accepted; null if the key was never rotated.',
    }),
    version: t.exposeInt('version', version),
    updatedAt: t.expose('updatedAt', updatedAt),
  }),
});

builder.queryFields((t) => ({
  apiKey: t.field({
    type: ApiKey,
    nullable: true,
    description: 'One API key; null if there is none with this id. Needs apiKeys:read.',
    authScopes: { scope: 'apiKeys:read' },
    args: { id: t.arg.id({ required: true, description: 'A global or plain id.' }) },
    resolve: (_root, { id }, { loaders }) => loaders.byId('ApiKey').load(readId('ApiKey', id, ['id'])),
  }),
  apiKeys: t.field({
    type: connectionType('ApiKey', ApiKey),
    description: 'The API keys of the workspace, revoked and expired ones too. Needs apiKeys:read.',
    authScopes: { scope: 'apiKeys:read' },
    args: listArguments(apiKeyList),
    resolve: (_root, args, { services, caller }, info) =>
      services.managedKeys.list(caller, { ...args, select: selectedInPage(info, 'ApiKey') }),
  }),
}));
