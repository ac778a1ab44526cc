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
  description: 'The status of a webhook delivery.',
  values: {
    PENDING: { description: 'Waiting for its first or next attempt.' },
    SUCCEEDED: { description: 'The endpoint answered with a status from 200 to 299.' },
    FAILED: { description: 'The last attempt failed. There are no more attempts unless it is replayed.' },
    CANCELLED: {
      description:
        'Before it succeeded, the endpoint was disabled, no longer received events of this type, or the API key that configured it lost the scope to read them. It can be replayed after this is corrected.',
    },
  },
});

export const WebhookDelivery = builder.prismaNode('WebhookDelivery', {
  description:
    'The delivery of one event to one endpoint. Its databaseId is the webhook-id of its requests, the same in each attempt. Needs webhooks:read.',
  ...node({ scope: 'webhooks:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    endpoint: t.relation('endpoint', {
      description: 'The endpoint.',
    }),
    eventType: t.exposeString('type', {
      description: 'The event type, such as "customer.updated"; "webhook_endpoint.test" for a test.',
    }),
    eventId: t.exposeID('eventId', {
      nullable: true,
      description: 'The plain id of the event in the audit log; null for a test.',
    }),
    status: t.expose('status', { type: WebhookDeliveryStatus, description: 'The status.' }),
    attemptCount: t.exposeInt('attemptCount', {
      description: 'How many attempts were made, including those of replays.',
    }),
    attempts: t.field({
      type: WebhookAttemptConnection,
      description: 'The attempts, by default the latest first.',
      select: { id: true },
      args: webhookAttemptArguments,
      resolve: ({ id }, args, { loaders }, info) =>
        loaders.webhooks.attemptsOf({ ...args, select: selectedInPage(info, 'WebhookAttempt') }).load(id),
    }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time of the next attempt; null if there is none.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was queued.' }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it succeeded, failed or was cancelled; null while it is pending.',
    }),
  }),
});

const WebhookDeliveryConnection = connectionType('WebhookDelivery', WebhookDelivery);

const webhookDeliveryArguments = listArguments(deliveryList);

builder.queryFields((t) => ({
  webhookDelivery: t.field({
    type: WebhookDelivery,
    nullable: true,
    description: 'One webhook delivery; null if there is none with this id. Needs webhooks:read.',
    authScopes: { scope: 'webhooks:read' },
    args: { id: t.arg.id({ required: true, description: 'A global or plain id.' }) },
    resolve: (_root, { id }, { loaders }) =>
      loaders.byId('WebhookDelivery').load(readId('WebhookDelivery', id, ['id'])),
  }),
  webhookDeliveries: t.field({
    type: WebhookDeliveryConnection,
    description: 'The deliveries to all webhook endpoints, by default the latest first. Needs webhooks:read.',
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
    description: 'The deliveries to the endpoint, by default the latest first.',
    select: { id: true },
    args: webhookDeliveryArguments,
    resolve: ({ id }, args, { loaders }, info) =>
      loaders.webhooks.deliveriesOf({ ...args, select: selectedInPage(info, 'WebhookDelivery') }).load(id),
  }),
);
