import { defineMutation, written } from '../../graphql/schema/mutation.js';
import { WebhookDelivery } from './deliveries/webhook.delivery.types.js';
import {
  deleteEndpointInput,
  maxReplayedEvents,
  newEndpointInput,
  replayInput,
  replayRangeInput,
  rotateSecretInput,
  sendTestInput,
  updateEndpointInput,
} from './endpoints/webhook.endpoint.input.js';
import { WebhookEndpoint } from './endpoints/webhook.endpoint.types.js';

const changed = { type: WebhookEndpoint, description: 'The endpoint after the change.' };
const secret = {
  type: 'String',
  isSecret: true,
  description:
    'The secret that signs the requests, "whsec_…". It is returned only here and cannot be read later; null when the request is repeated under its Idempotency-Key.',
} as const;

defineMutation('createWebhookEndpoint', {
  description:
    'Creates an endpoint, which receives the events that happen from now on. The API key must have the scopes to read these events. Needs webhooks:write.',
  scope: 'webhooks:write',
  input: newEndpointInput,
  resolve: ({ services, caller }, input) => services.webhooks.create(caller, input),
  payload: { endpoint: { type: WebhookEndpoint, description: 'The new endpoint.' }, secret },
});

defineMutation('updateWebhookEndpoint', {
  description:
    'Changes the given fields of an endpoint. An endpoint that is enabled again receives the events that happen from then on. Pending deliveries that no longer match are cancelled. The API key must have the scopes to read the events of the endpoint before and after the change; if the key loses such a scope later, the endpoint no longer receives these events. Safe to repeat. Needs webhooks:write.',
  scope: 'webhooks:write',
  input: updateEndpointInput,
  resolve: ({ services, caller }, input) => services.webhooks.update(caller, input),
  payload: { endpoint: changed, result: written() },
});

defineMutation('deleteWebhookEndpoint', {
  description: 'Deletes an endpoint and all records of its deliveries. Needs webhooks:write.',
  scope: 'webhooks:write',
  input: deleteEndpointInput,
  resolve: ({ services, caller }, input) => services.webhooks.delete(caller, input),
  payload: { deletedId: { type: 'ID', description: 'The plain id of the deleted endpoint.' } },
});

defineMutation('rotateWebhookSecret', {
  description:
    'Gives an endpoint a new secret. For some hours its requests are signed with the previous secret as well, so that both can be verified. The API key must have the scopes to read the events of the endpoint. Needs webhooks:write.',
  scope: 'webhooks:write',
  input: rotateSecretInput,
  resolve: ({ services, caller }, input) => services.webhooks.rotateSecret(caller, input),
  payload: { endpoint: changed, secret },
});

defineMutation('sendTestWebhook', {
  description:
    'Sends one event of the type "webhook_endpoint.test" to an endpoint, even if it is disabled. The result appears a moment later in the attempts of the delivery. Needs webhooks:write.',
  scope: 'webhooks:write',
  input: sendTestInput,
  resolve: async ({ services, caller }, input) => ({
    delivery: await services.webhookDeliveries.sendTest(caller, input),
  }),
  payload: { delivery: { type: WebhookDelivery, description: 'The delivery of the test.' } },
});

defineMutation('replayWebhookDelivery', {
  description:
    'Sends a delivery again at once, with the same webhook-id, whatever its status. If that fails, it is retried like a new delivery. The API key must have the scopes to read the events of the endpoint. Needs webhooks:write.',
  scope: 'webhooks:write',
  input: replayInput,
  resolve: ({ services, caller }, input) => services.webhookDeliveries.replay(caller, input),
  payload: {
    delivery: { type: WebhookDelivery, description: 'The delivery after the change.' },
    result: written('UPDATED, or UNCHANGED if it was due to be sent anyway.'),
  },
});

defineMutation('replayWebhookDeliveries', {
  description: `Sends the events of a time range that did not reach an endpoint: failed and cancelled deliveries, and events from a time when the endpoint was disabled or did not exist. Examines up to ${maxReplayedEvents.toLocaleString('en')} events per call. The API key must have the scopes to read the events of the endpoint. Needs webhooks:write.`,
  scope: 'webhooks:write',
  input: replayRangeInput,
  resolve: ({ services, caller }, input) => services.webhookDeliveries.replayRange(caller, input),
  payload: {
    replayed: { type: 'Int', description: 'How many deliveries are sent now. Pending deliveries do not count.' },
    hasMore: {
      type: 'Boolean',
      description: 'Whether there may be later events in the time range: call again with afterSeq.',
    },
    lastSeq: { type: 'BigInt', description: 'The seq of the last examined event; null if there was none.' },
  },
});
