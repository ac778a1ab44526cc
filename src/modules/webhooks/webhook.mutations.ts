import { builder } from '../../graphql/schema/builder.js';
import { defineMutation } from '../../graphql/schema/mutation.js';
import { WriteResult } from '../customer/customer.mutations.js';
import { WebhookDelivery } from './deliveries/webhook.delivery.types.js';
import { WebhookEndpoint, WebhookFormat } from './endpoints/webhook.endpoint.types.js';

const WebhookEventFilterInput = builder.inputType('WebhookEventFilterInput', {
  description:
    'What events must be about to be told; all that is given must hold. Events about none of it are not told.',
  fields: (t) => ({
    customerId: t.id({ description: 'The customer or contact: it, its conversations and their messages.' }),
    conversationId: t.id({ description: 'The conversation: it and its messages.' }),
    channelId: t.id({ description: 'The channel: it, the conversations that came in by it and their messages.' }),
  }),
});

const about = {
  url: 'Where the requests go: an http or https URL with a public host, and without user name and password.',
  eventTypes:
    'What it is told of: "*" for everything, "customer.*" for all of customers, or single types. The key needs the scopes to read all that.',
  description: 'What it is for, at most 500 characters.',
  secret:
    'What its requests are signed with, "whsec_…". It is shown this once: nothing else in the graph shows it again.',
};

defineMutation('createWebhookEndpoint', {
  description:
    'Has an address told of what happens from now on. The key must be able to read what it is told of. Needs webhooks:write.',
  scope: 'webhooks:write',
  input: (t) => ({
    url: t.string({ required: true, description: about.url }),
    eventTypes: t.stringList({ description: `${about.eventTypes} Everything when left out.` }),
    format: t.field({ type: WebhookFormat, description: 'How the requests look; DESKGRAPH when left out.' }),
    filter: t.field({
      type: WebhookEventFilterInput,
      description: 'What the events must be about; anything when left out.',
    }),
    description: t.string({ description: about.description }),
    isEnabled: t.boolean({ description: 'False to be told of nothing yet; true when left out.' }),
  }),
  resolve: ({ services, caller }, input) => services.webhooks.create(caller, input),
  payload: (t) => ({
    endpoint: t.field({
      type: WebhookEndpoint,
      nullable: true,
      description: 'The new endpoint.',
      resolve: ({ endpoint }) => endpoint,
    }),
    secret: t.string({ nullable: true, description: about.secret, resolve: ({ secret }) => secret }),
  }),
});

defineMutation('updateWebhookEndpoint', {
  description:
    'Changes the given fields of an endpoint. Once enabled again it is told of what happens from then on. Safe to repeat. The key must be able to read what it was told before and is told after; whatever that key loses later, the endpoint loses too. What is pending and not wanted any more is not sent. Needs webhooks:write.',
  scope: 'webhooks:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The endpoint.' }),
    url: t.string({ description: about.url }),
    eventTypes: t.stringList({ description: about.eventTypes }),
    format: t.field({ type: WebhookFormat, description: 'How the requests look.' }),
    filter: t.field({
      type: WebhookEventFilterInput,
      description: 'What the events must be about, as a whole; null takes the filter away.',
    }),
    description: t.string({ description: `${about.description} Null takes it away.` }),
    isEnabled: t.boolean({
      description: 'False ends all sending, also of what is pending; true begins it anew and forgets failures.',
    }),
    ifVersion: t.int({ description: 'Do it only while the endpoint is at this version.' }),
  }),
  resolve: ({ services, caller }, input) => services.webhooks.update(caller, input),
  payload: (t) => ({
    endpoint: t.field({
      type: WebhookEndpoint,
      nullable: true,
      description: 'The endpoint as it is now.',
      resolve: ({ endpoint }) => endpoint,
    }),
    result: t.field({
      type: WriteResult,
      nullable: true,
      description: 'What was done.',
      resolve: ({ result }) => result,
    }),
  }),
});

defineMutation('deleteWebhookEndpoint', {
  description: 'Removes an endpoint with all that is known of its deliveries. Needs webhooks:write.',
  scope: 'webhooks:write',
  input: (t) => ({ id: t.id({ required: true, description: 'The endpoint.' }) }),
  resolve: ({ services, caller }, input) => services.webhooks.delete(caller, input),
  payload: (t) => ({
    deletedId: t.id({
      nullable: true,
      description: 'The plain id of the endpoint that was removed.',
      resolve: ({ deletedId }) => deletedId,
    }),
  }),
});

defineMutation('rotateWebhookSecret', {
  description:
    'Gives an endpoint a new secret. For a while its requests are signed with the one before as well, so that both verify. The key must be able to read what the endpoint is told of. Needs webhooks:write.',
  scope: 'webhooks:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The endpoint.' }),
    overlapHours: t.int({
      description: 'How long the secret before it is used as well, 0 to 168 hours; 24 when left out.',
    }),
  }),
  resolve: ({ services, caller }, input) => services.webhooks.rotateSecret(caller, input),
  payload: (t) => ({
    endpoint: t.field({
      type: WebhookEndpoint,
      nullable: true,
      description: 'The endpoint as it is now.',
      resolve: ({ endpoint }) => endpoint,
    }),
    secret: t.string({ nullable: true, description: about.secret, resolve: ({ secret }) => secret }),
  }),
});

defineMutation('sendTestWebhook', {
  description:
    'Has an event of the type "webhook_endpoint.test" sent to an endpoint, once, also while it is disabled. What came of it stands in the attempts of the delivery a moment later. Needs webhooks:write.',
  scope: 'webhooks:write',
  input: (t) => ({ endpointId: t.id({ required: true, description: 'The endpoint.' }) }),
  resolve: async ({ services, caller }, input) => ({
    delivery: await services.webhookDeliveries.sendTest(caller, input),
  }),
  payload: (t) => ({
    delivery: t.field({
      type: WebhookDelivery,
      nullable: true,
      description: 'The delivery of the test.',
      resolve: ({ delivery }) => delivery,
    }),
  }),
});

defineMutation('replayWebhookDelivery', {
  description:
    'Has a delivery sent again at once, whatever became of it, with the same webhook-id; should that fail, it is tried as often as a new one. The key must be able to read what the endpoint is told of. Needs webhooks:write.',
  scope: 'webhooks:write',
  input: (t) => ({ id: t.id({ required: true, description: 'The delivery.' }) }),
  resolve: ({ services, caller }, input) => services.webhookDeliveries.replay(caller, input),
  payload: (t) => ({
    delivery: t.field({
      type: WebhookDelivery,
      nullable: true,
      description: 'The delivery as it is now.',
      resolve: ({ delivery }) => delivery,
    }),
    result: t.field({
      type: WriteResult,
      nullable: true,
      description: 'UPDATED, or UNCHANGED when it was about to be sent anyway.',
      resolve: ({ result }) => result,
    }),
  }),
});

defineMutation('replayWebhookDeliveries', {
  description:
    'Has the events of a time sent to an endpoint that did not arrive there: failed and cancelled deliveries, and what happened while it was disabled or did not exist. Looks at up to 1,000 events a call. The key must be able to read what the endpoint is told of. Needs webhooks:write.',
  scope: 'webhooks:write',
  input: (t) => ({
    endpointId: t.id({ required: true, description: 'The endpoint, which must be enabled.' }),
    from: t.field({ type: 'DateTime', required: true, description: 'Events since this time.' }),
    to: t.field({ type: 'DateTime', description: 'Events before this time; up to now when left out.' }),
    includeSucceeded: t.boolean({ description: 'True to send what did arrive as well.' }),
    afterSeq: t.field({ type: 'BigInt', description: 'Go on after this place: the lastSeq of the call before.' }),
  }),
  resolve: ({ services, caller }, input) => services.webhookDeliveries.replayRange(caller, input),
  payload: (t) => ({
    replayed: t.int({
      nullable: true,
      description: 'How many deliveries are sent now; those that were pending go on as they were.',
      resolve: ({ replayed }) => replayed,
    }),
    hasMore: t.boolean({
      nullable: true,
      description: 'Whether there may be later events of that time: call again with afterSeq.',
      resolve: ({ hasMore }) => hasMore,
    }),
    lastSeq: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'The place of the last event that was looked at; null when there was none.',
      resolve: ({ lastSeq }) => lastSeq,
    }),
  }),
});
