import { raw } from '../../db/database.js';
import { enumField, flagField, idField, textField, timeField } from '../../db/lists/fields.js';
import { defineList } from '../../db/lists/listing.js';
import { timeKey } from '../../db/lists/sort-keys.js';
import { webhookAttempts, webhookDeliveries, webhookEndpoints } from '../../db/reading/tables.js';

/** The workspace's endpoints, by default the oldest first. */
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
        'By the plain id of the API key that created or changed them last; isNull: true for the operator.',
      ),
      operand: 'ID' as const,
    },
    format: enumField('format', 'WebhookFormat', 'By format.'),
    isEnabled: flagField(raw('r."disabledAt" IS NULL'), 'True for enabled endpoints, false for disabled ones.'),
  },
  order: { keys: { CREATED_AT: timeKey('createdAt', 'When they were created.') } },
  first: ['CREATED_AT', 'ASC'],
});

/** The workspace's deliveries, by default the latest first. */
export const deliveryList = defineList({
  name: 'WebhookDelivery',
  what: 'webhook deliveries',
  table: webhookDeliveries,
  filter: {
    id: idField('id', 'WebhookDelivery', 'By id, which is also the webhook-id of the requests.'),
    endpointId: idField('endpointId', 'WebhookEndpoint', 'By endpoint.'),
    eventId: idField('eventId', 'DomainEvent', 'By event; isNull: true for tests.'),
    eventType: textField('type', 'By event type, such as "customer.updated".'),
    status: enumField('status', 'WebhookDeliveryStatus', 'By status.'),
    createdAt: timeField('createdAt', 'By when they were queued.'),
  },
  order: { keys: { CREATED_AT: timeKey('createdAt', 'When they were queued.') } },
  first: ['CREATED_AT', 'DESC'],
});

/** Attempts, by default the latest first. */
export const attemptList = defineList({
  name: 'WebhookAttempt',
  what: 'webhook attempts',
  table: webhookAttempts,
  filter: {
    result: enumField('result', 'WebhookAttemptResult', 'By result.'),
    startedAt: timeField('startedAt', 'By when they were started.'),
  },
  order: { keys: { STARTED_AT: timeKey('startedAt', 'When they were started.') } },
  first: ['STARTED_AT', 'DESC'],
});
