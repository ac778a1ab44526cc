import { readId } from '../../../db/global-id.js';
import { builder } from '../../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../../graphql/schema/connection.js';
import { defineEnum } from '../../../graphql/schema/enums.js';
import { databaseId, node } from '../../../graphql/schema/node.js';
import { selectedInPage } from '../../../graphql/schema/selection.js';
import { WebhookEndpoint } from '../endpoints/webhook.endpoint.types.js';
import { deliveryList } from '../webhook.fields.js';
import { WebhookAttemptConnection, webhookAttemptArguments } from './webhook.attempt.types.js';

const WebhookDeliveryStatus = defineEnum('WebhookDeliveryStatus', {
  description: 'What became of a webhook delivery.',
  values: {
    PENDING: { description: 'It will be tried, for the first time or again.' },
    SUCCEEDED: { description: 'The endpoint answered with a status from 200 to 299.' },
    FAILED: { description: 'The last attempt failed, and there will be no other unless it is replayed.' },
    CANCELLED: {
      description:
        'Before it arrived the endpoint was disabled, or was not told of such events any more, or the key that configured it lost the scope to read them. It can be replayed once that is mended.',
    },
  },
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

const WebhookDeliveryConnection = connectionType('WebhookDelivery', WebhookDelivery);

const webhookDeliveryArguments = listArguments(deliveryList);

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
