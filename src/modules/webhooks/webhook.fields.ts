import { raw } from '../../db/database.js';
import { enumField, flagField, idField, textField, timeField } from '../../db/lists/fields.js';
import { defineList, type ListArgumentsOf } from '../../db/lists/listing.js';
import { timeKey } from '../../db/lists/sort-keys.js';
import { webhookAttempts, webhookDeliveries, webhookEndpoints } from '../../db/reading/tables.js';

/** The workspace's endpoints, the oldest first unless said otherwise. */
export const endpointList = defineList({
  name: 'WebhookEndpoint',
  what: 'webhook endpoints',
  table: webhookEndpoints,
  filter: {
    id: idField('id', 'WebhookEndpoint', 'By id.'),
    url: textField('url', 'By the exact URL.'),
    configuredBy: {
      ...textField(
        'configuredBy',
        'By the plain id of the key that created or changed it last; isNull: true for the operator.',
      ),
      operand: 'ID' as const,
    },
    isEnabled: flagField(raw('r."disabledAt" IS NULL'), 'True for enabled endpoints, false for disabled ones.'),
  },
  order: {
    name: 'WebhookEndpoint',
    what: 'webhook endpoints',
    keys: { CREATED_AT: timeKey('createdAt', 'When they were created.') },
  },
  first: ['CREATED_AT', 'ASC'],
});

export type EndpointListArguments = ListArgumentsOf<typeof endpointList>;

/** Deliveries of the workspace, the latest first unless said otherwise. */
export const deliveryList = defineList({
  name: 'WebhookDelivery',
  what: 'webhook deliveries',
  table: webhookDeliveries,
  filter: {
    id: idField('id', 'WebhookDelivery', 'By id, which is the webhook-id of the requests.'),
    endpointId: idField('endpointId', 'WebhookEndpoint', 'By endpoint.'),
    eventId: idField('eventId', 'DomainEvent', 'By event; isNull: true for tests.'),
    eventType: textField('type', 'By what happened, such as "customer.updated".'),
    status: enumField('status', 'WebhookDeliveryStatus', 'By what became of them.'),
    createdAt: timeField('createdAt', 'By when they were put into the queue.'),
  },
  order: {
    name: 'WebhookDelivery',
    what: 'webhook deliveries',
    keys: { CREATED_AT: timeKey('createdAt', 'When they were put into the queue.') },
  },
  first: ['CREATED_AT', 'DESC'],
});

export type DeliveryListArguments = ListArgumentsOf<typeof deliveryList>;

/** Attempts, the latest first unless said otherwise. */
export const attemptList = defineList({
  name: 'WebhookAttempt',
  what: 'attempts to deliver',
  table: webhookAttempts,
  filter: {
    result: enumField('result', 'WebhookAttemptResult', 'By what they came to.'),
    startedAt: timeField('startedAt', 'By when they were begun.'),
  },
  order: {
    name: 'WebhookAttempt',
    what: 'attempts to deliver',
    keys: { STARTED_AT: timeKey('startedAt', 'When they were begun.') },
  },
  first: ['STARTED_AT', 'DESC'],
});

export type AttemptListArguments = ListArgumentsOf<typeof attemptList>;
