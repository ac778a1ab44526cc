import { readId } from '../../../db/global-id.js';
import type { WebhookDeliveryStatus as StatusValue } from '../../../generated/prisma/client.js';
import { builder } from '../../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../../graphql/schema/connection.js';
import {
  DateTimeComparator,
  enumComparator,
  IDComparator,
  orderInput,
  StringComparator,
} from '../../../graphql/schema/inputs.js';
import { databaseId, node } from '../../../graphql/schema/node.js';
import { selectedInPage } from '../../../graphql/schema/selection.js';
import { WebhookEndpoint } from '../endpoints/webhook.endpoint.types.js';
import type { DeliveryFilter } from '../webhook.listing.js';
import { WebhookAttemptConnection, webhookAttemptArguments } from './webhook.attempt.types.js';

const WebhookDeliveryStatus = builder.enumType('WebhookDeliveryStatus', {
  description: 'What became of a webhook delivery.',
  values: {
    PENDING: { description: 'It will be tried, for the first time or again.' },
    SUCCEEDED: { description: 'The endpoint answered with a status from 200 to 299.' },
    FAILED: { description: 'The last attempt failed, and there will be no other unless it is replayed.' },
    CANCELLED: { description: 'The endpoint was disabled before it arrived; it can be replayed.' },
  } satisfies Record<StatusValue, object>,
});

export const WebhookDelivery = builder.prismaNode('WebhookDelivery', {
  description:
    'One event for one endpoint. Its databaseId is the webhook-id of its requests, the same in each attempt. Needs webhooks:read.',
  ...node({ scope: 'webhooks:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    endpoint: t.relation('endpoint', {
      description: 'Where it goes.',
    }),
    eventType: t.exposeString('type', {
      description: 'What happened, such as "customer.updated"; "webhook_endpoint.test" for a test.',
    }),
    eventId: t.exposeID('eventId', {
      nullable: true,
      description: 'The plain id of the event, as the audit log has it; null for a test.',
    }),
    status: t.expose('status', { type: WebhookDeliveryStatus, description: 'What became of it.' }),
    attemptCount: t.exposeInt('attemptCount', { description: 'How often it was tried, replays included.' }),
    attempts: t.field({
      type: WebhookAttemptConnection,
      description: 'The attempts to deliver it, the latest first.',
      select: { id: true },
      args: webhookAttemptArguments,
      resolve: ({ id }, args, { loaders }, info) =>
        loaders.webhooks.attemptsOf({ ...args, select: selectedInPage(info, 'WebhookAttempt') }).load(id),
    }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it is tried next; null when it is not.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was put into the queue.' }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it arrived, or was given up or cancelled; null while it is pending.',
    }),
  }),
});

const WebhookDeliveryFilter = builder.inputRef<DeliveryFilter>('WebhookDeliveryFilter').implement({
  description: 'Which webhook deliveries; all of its conditions must hold.',
  fields: (t) => ({
    and: t.field({ type: [WebhookDeliveryFilter], description: 'Each of these holds.' }),
    or: t.field({ type: [WebhookDeliveryFilter], description: 'One of these holds.' }),
    not: t.field({ type: WebhookDeliveryFilter, description: 'This does not hold.' }),
    id: t.field({ type: IDComparator, description: 'By id, which is the webhook-id of the requests.' }),
    endpointId: t.field({ type: IDComparator, description: 'By endpoint.' }),
    eventId: t.field({ type: IDComparator, description: 'By event; isNull: true for tests.' }),
    eventType: t.field({ type: StringComparator, description: 'By what happened, such as "customer.updated".' }),
    status: t.field({
      type: enumComparator('WebhookDeliveryStatus', WebhookDeliveryStatus),
      description: 'By what became of them.',
    }),
    createdAt: t.field({ type: DateTimeComparator, description: 'By when they were put into the queue.' }),
  }),
});

const WebhookDeliveryOrderField = builder.enumType('WebhookDeliveryOrderField', {
  description: 'What webhook deliveries can be sorted by.',
  values: { CREATED_AT: { description: 'When they were put into the queue.' } } satisfies Record<'CREATED_AT', object>,
});

const WebhookDeliveryConnection = connectionType('WebhookDelivery', WebhookDelivery);

const webhookDeliveryArguments = listArguments({
  filter: WebhookDeliveryFilter,
  order: orderInput('WebhookDeliveryOrder', WebhookDeliveryOrderField),
  defaultOrder: 'CREATED_AT DESC',
});

builder.queryFields((t) => ({
  webhookDelivery: t.field({
    type: WebhookDelivery,
    nullable: true,
    description: 'One webhook delivery; null when there is none with this id. Needs webhooks:read.',
    authScopes: { scope: 'webhooks:read' },
    args: { id: t.arg.id({ required: true, description: 'A global or plain id.' }) },
    resolve: (_root, { id }, { loaders }) =>
      loaders.byId('WebhookDelivery').load(readId('WebhookDelivery', id, ['id'])),
  }),
  webhookDeliveries: t.field({
    type: WebhookDeliveryConnection,
    description: 'What was, or is to be, told to the webhook endpoints, the latest first. Needs webhooks:read.',
    authScopes: { scope: 'webhooks:read' },
    args: webhookDeliveryArguments,
    resolve: (_root, args, { services, caller }, info) =>
      services.webhookDeliveries.list(caller, {
        ...args,
        select: selectedInPage(info, 'WebhookDelivery'),
      }),
  }),
}));

builder.prismaObjectField(WebhookEndpoint, 'deliveries', (t) =>
  t.field({
    type: WebhookDeliveryConnection,
    description: 'What was, or is to be, told to it, the latest first.',
    select: { id: true },
    args: webhookDeliveryArguments,
    resolve: ({ id }, args, { loaders }, info) =>
      loaders.webhooks.deliveriesOf({ ...args, select: selectedInPage(info, 'WebhookDelivery') }).load(id),
  }),
);
