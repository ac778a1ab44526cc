import { readId } from '../../../db/global-id.js';
import type { WebhookEndpoint as EndpointRow } from '../../../generated/prisma/client.js';
import { builder } from '../../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../../graphql/schema/connection.js';
import { defineEnum } from '../../../graphql/schema/enums.js';
import { databaseId, node, updatedAt, version } from '../../../graphql/schema/node.js';
import { scoped } from '../../../graphql/schema/scopes.js';
import { selectedInPage } from '../../../graphql/schema/selection.js';
import { AuditActor } from '../../changes/change.actor.types.js';
import { pauseLeftMs } from '../sending/webhook.schedule.js';
import { endpointList } from '../webhook.fields.js';
import { maxEndpoints } from './webhook.endpoint.input.js';

export const WebhookFormat = defineEnum('WebhookFormat', {
  description: 'The format of the requests of a webhook.',
  values: {
    DESKGRAPH: {
      description:
        'The event with its changes, and the object with the field names of this graph. Signed according to Standard Webhooks.',
    },
    CSTAR: {
      description:
        'Only events of customers and tickets, as cStar sends them: customer.created, .updated, .deleted, and ticket.created, .updated, .closed, .deleted, .message_added for conversations, which eventTypes may name too. Signed both as cStar does and according to Standard Webhooks.',
    },
    TIDYSUPPORT: {
      description:
        'Only events of conversations, messages and contacts, as TidySupport sends them and by its names, such as CONVERSATION_CLOSED, which eventTypes may name too. Signed according to Standard Webhooks.',
    },
  },
});

const WebhookDisabledReason = defineEnum('WebhookDisabledReason', {
  description: 'Why a webhook endpoint is disabled.',
  values: {
    REQUESTED: { description: 'A caller disabled it, or created it disabled.' },
    GONE: { description: 'It answered with status 410: it no longer exists.' },
    FAILING: { description: 'All attempts failed for five days.' },
  },
});

const WebhookEventFilter = builder
  .objectRef<Pick<EndpointRow, 'customerId' | 'conversationId' | 'channelId'>>('WebhookEventFilter')
  .implement({
    description: 'Limits the events that an endpoint receives. An event must match all fields that are not null.',
    ...scoped('webhooks:read'),
    fields: (t) => ({
      customerId: t.exposeID('customerId', {
        nullable: true,
        description:
          'The plain id of the customer: events about the person, their conversations and the messages in these. Null for any.',
      }),
      conversationId: t.exposeID('conversationId', {
        nullable: true,
        description: 'The plain id of the conversation: events about it and its messages. Null for any.',
      }),
      channelId: t.exposeID('channelId', {
        nullable: true,
        description:
          'The plain id of the channel: events about it, its conversations and the messages in these. Null for any.',
      }),
    }),
  });

export const WebhookEndpoint = builder.prismaNode('WebhookEndpoint', {
  description: 'A URL that receives events by HTTP requests. Needs webhooks:read.',
  ...node({ scope: 'webhooks:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    url: t.exposeString('url', { description: 'The URL of the requests.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'A note on the purpose of the endpoint; null if there is none.',
    }),
    eventTypes: t.exposeStringList('eventTypes', {
      description:
        'The event types that it receives: "*" for all, "customer.*" for all types of one kind, single types, or names of its format.',
    }),
    filter: t.field({
      type: WebhookEventFilter,
      nullable: true,
      description: 'Limits the events to those about certain objects; null if there is no limit.',
      select: { customerId: true, conversationId: true, channelId: true },
      resolve: (endpoint) => {
        const { customerId, conversationId, channelId } = endpoint;
        return customerId === null && conversationId === null && channelId === null ? null : endpoint;
      },
    }),
    format: t.expose('format', { type: WebhookFormat, description: 'The format of the requests.' }),
    isEnabled: t.boolean({
      description: 'Whether it receives events. Events that happen while it is disabled can be sent by a replay.',
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
      description: 'When the first attempt after the last successful one failed; null if none failed since.',
    }),
    failureCount: t.exposeInt('failureCount', { description: 'How many attempts failed since failingSince.' }),
    lastFailureAt: t.expose('lastFailureAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When an attempt last failed, whatever happened since; null if none did.',
    }),
    lastFailure: t.exposeString('lastFailure', {
      nullable: true,
      description:
        'Why that attempt failed: the status of the response, such as "HTTP 500", or a code such as ECONNREFUSED; null if none failed.',
    }),
    pausedUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'The time before which nothing is sent, because a response had a Retry-After header; null if there is no such time.',
      select: { pausedUntil: true },
      resolve: ({ pausedUntil }) => (pauseLeftMs({ pausedUntil }) > 0 ? pausedUntil : null),
    }),
    configuredBy: t.field({
      type: AuditActor,
      description:
        'The actor who created or changed it last. The endpoint receives only events that the scopes of this API key allowed then and allow now, even if the key was revoked or has expired.',
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
    description: 'One webhook endpoint; null if there is none with this id. Needs webhooks:read.',
    authScopes: { scope: 'webhooks:read' },
    args: { id: t.arg.id({ required: true, description: 'A global or plain id.' }) },
    resolve: (_root, { id }, { loaders }) =>
      loaders.byId('WebhookEndpoint').load(readId('WebhookEndpoint', id, ['id'])),
  }),
  webhookEndpoints: t.field({
    type: connectionType('WebhookEndpoint', WebhookEndpoint),
    description: `The webhook endpoints of the workspace, at most ${maxEndpoints}. Needs webhooks:read.`,
    authScopes: { scope: 'webhooks:read' },
    args: listArguments(endpointList),
    resolve: (_root, args, { services, caller }, info) =>
      services.webhooks.list(caller, { ...args, select: selectedInPage(info, 'WebhookEndpoint') }),
  }),
}));
