import { readId } from '../../../db/global-id.js';
import type { WebhookEndpoint as EndpointRow } from '../../../generated/prisma/client.js';
import { builder } from '../../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../../graphql/schema/connection.js';
import { defineEnum } from '../../../graphql/schema/enums.js';
import { databaseId, node, updatedAt, version } from '../../../graphql/schema/node.js';
import { selectedInPage } from '../../../graphql/schema/selection.js';
import { AuditActor } from '../../changes/change.actor.types.js';
import { endpointList } from '../webhook.fields.js';

export const WebhookFormat = defineEnum('WebhookFormat', {
  description: 'How the requests of a webhook look.',
  values: {
    DESKGRAPH: {
      description:
        'The event with what it changed, and the entity by the names of this graph. Signed by Standard Webhooks.',
    },
    CSTAR: {
      description:
        'customer.created and customer.updated as cStar sends them, nothing else. Signed both as cStar does and by Standard Webhooks.',
    },
  },
});

const WebhookDisabledReason = defineEnum('WebhookDisabledReason', {
  description: 'Why a webhook endpoint is not told of anything.',
  values: {
    REQUESTED: { description: 'Somebody disabled it, or created it so.' },
    GONE: { description: 'It answered 410: it is gone for good.' },
    FAILING: { description: 'Nothing arrived there for five days, however often it was tried.' },
  },
});

const WebhookEventFilter = builder
  .objectRef<Pick<EndpointRow, 'customerId' | 'conversationId' | 'channelId'>>('WebhookEventFilter')
  .implement({
    description: 'What events must be about to be told; all that is given must hold.',
    fields: (t) => ({
      customerId: t.exposeID('customerId', {
        nullable: true,
        description: 'The plain id of the customer: it, its conversations and their messages. Null: any.',
      }),
      conversationId: t.exposeID('conversationId', {
        nullable: true,
        description: 'The plain id of the conversation: it and its messages. Null: any.',
      }),
      channelId: t.exposeID('channelId', {
        nullable: true,
        description:
          'The plain id of the channel: it, the conversations that came in by it and their messages. Null: any.',
      }),
    }),
  });

export const WebhookEndpoint = builder.prismaNode('WebhookEndpoint', {
  description: 'An address that is told of events by HTTP requests. Needs webhooks:read.',
  ...node({ scope: 'webhooks:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    url: t.exposeString('url', { description: 'Where the requests go.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'What it is for, as people noted it; null when they did not.',
    }),
    eventTypes: t.exposeStringList('eventTypes', {
      description: 'What it is told of: "*" for everything, "customer.*" for all of customers, or single types.',
    }),
    filter: t.field({
      type: WebhookEventFilter,
      nullable: true,
      description: 'What the events must be about; null when that does not matter.',
      select: { customerId: true, conversationId: true, channelId: true },
      resolve: (endpoint) => {
        const { customerId, conversationId, channelId } = endpoint;
        return customerId === null && conversationId === null && channelId === null ? null : endpoint;
      },
    }),
    format: t.expose('format', { type: WebhookFormat, description: 'How its requests look.' }),
    isEnabled: t.boolean({
      description: 'Whether it is told of anything; what happens while it is not can be sent by a replay.',
      select: { disabledAt: true },
      resolve: ({ disabledAt }) => disabledAt === null,
    }),
    disabledAt: t.expose('disabledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was disabled; null while it is enabled.',
    }),
    disabledReason: t.expose('disabledReason', {
      type: WebhookDisabledReason,
      nullable: true,
      description: 'Why it is disabled; null while it is enabled.',
    }),
    failingSince: t.expose('failingSince', {
      type: 'DateTime',
      nullable: true,
      description: 'When the first attempt failed after the last one that succeeded; null while none does.',
    }),
    failureCount: t.exposeInt('failureCount', { description: 'How many attempts have failed since then.' }),
    pausedUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until when nothing is sent because the endpoint asked so (Retry-After); null when it did not.',
      select: { pausedUntil: true },
      resolve: ({ pausedUntil }) => (pausedUntil && pausedUntil > new Date() ? pausedUntil : null),
    }),
    configuredBy: t.field({
      type: AuditActor,
      description:
        'Who created or changed it last. It is told what the scopes of that key showed then and show now, also when the key was revoked or has expired: an endpoint belongs to the workspace.',
      select: { configuredBy: true },
      resolve: ({ configuredBy }) => ({ actorId: configuredBy }),
    }),
    version: t.exposeInt('version', version),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the endpoint was created.' }),
    updatedAt: t.expose('updatedAt', updatedAt),
  }),
});

builder.queryFields((t) => ({
  webhookEndpoint: t.field({
    type: WebhookEndpoint,
    nullable: true,
    description: 'One webhook endpoint; null when there is none with this id. Needs webhooks:read.',
    authScopes: { scope: 'webhooks:read' },
    args: { id: t.arg.id({ required: true, description: 'A global or plain id.' }) },
    resolve: (_root, { id }, { loaders }) =>
      loaders.byId('WebhookEndpoint').load(readId('WebhookEndpoint', id, ['id'])),
  }),
  webhookEndpoints: t.field({
    type: connectionType('WebhookEndpoint', WebhookEndpoint),
    description: 'The webhook endpoints of the workspace, at most 50. Needs webhooks:read.',
    authScopes: { scope: 'webhooks:read' },
    args: listArguments(endpointList),
    resolve: (_root, args, { services, caller }, info) =>
      services.webhooks.list(caller, { ...args, select: selectedInPage(info, 'WebhookEndpoint') }),
  }),
}));
