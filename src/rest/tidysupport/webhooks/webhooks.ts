import { z } from 'zod';
import {
  TidyCreateWebhookDocument,
  TidyDeleteWebhookDocument,
  TidyUpdateWebhookDocument,
  type TidyWebhookFragment,
  TidyWebhooksDocument,
} from '../../../generated/documents/graphql.js';
import { list, webUrl } from '../../../lib/values/validation.js';
import { nameOrNone, oneOf } from '../../input.js';
import { defineRoute, none, type Route } from '../../route.js';
import { time, timeOrNull, timeSchema } from '../../time.js';
import { accessBySecretKey, bySecretKey } from '../common.js';
import { done, httpErrorOf, refusals } from '../errors.js';
import { tidyEvents } from './webhook-format.js';

/** The Webhooks API: the workspace's endpoints that receive events in TidySupport's format. */

const common = {
  tag: 'TidySupport Webhooks',
  access: `${accessBySecretKey} The requests and responses of creating, changing and deleting are inferred from the list.`,
  refuse: httpErrorOf,
  authorise: bySecretKey,
  shows: ['webhooks:read'],
} as const;

const status = oneOf('status', ['ACTIVE', 'PAUSED']);
const event = oneOf('events', tidyEvents).meta({ id: 'TidySupportWebhookEvent' });

const webhook = {
  id: z.string().describe('Begins with "wh_".'),
  url: z.string(),
  displayName: z.string().describe('The host of the URL, unless another name was given.'),
  status,
  events: z.array(event),
  createdAt: timeSchema,
  updatedAt: timeSchema,
  lastAttemptedAt: timeSchema.nullable().describe('The time of the latest attempt of the latest delivery.'),
  lastErrorAt: timeSchema.nullable(),
  lastErrorMessage: z.string().nullable(),
};
const webhookSchema = z.strictObject(webhook).meta({ id: 'TidySupportWebhook' });

const createdSchema = z
  .strictObject({
    ...webhook,
    secret: z.string().nullable().describe('Null when the request was repeated.'),
  })
  .meta({ id: 'TidySupportCreatedWebhook' });

const prefix = /^whe_/;

function webhookOf({ databaseId, url, description, eventTypes, deliveries, ...endpoint }: TidyWebhookFragment) {
  const lastAttempt = deliveries.nodes[0]?.attempts.nodes[0];
  return {
    id: databaseId.replace(prefix, 'wh_'),
    url,
    displayName: description ?? new URL(url).host,
    status: endpoint.isEnabled ? 'ACTIVE' : 'PAUSED',
    // An endpoint with "*" lists every event.
    events: tidyEvents.filter((name) => eventTypes.includes(name) || eventTypes.includes('*')),
    createdAt: time(endpoint.createdAt),
    updatedAt: time(endpoint.updatedAt ?? endpoint.createdAt),
    lastAttemptedAt: timeOrNull(lastAttempt?.startedAt),
    lastErrorAt: timeOrNull(endpoint.lastFailureAt),
    lastErrorMessage: endpoint.lastFailure ?? null,
  };
}

const one = z.object({
  id: z
    .string()
    .regex(/^(wh_[A-Za-z0-9_-]{1,120}|whe_[A-Za-z0-9_-]{1,120})$/, { error: 'Webhook not found.' })
    .describe('The id of the webhook (wh_…).')
    .transform((id) => id.replace(/^wh_/, 'whe_')),
});

const fields = {
  url: webUrl,
  displayName: nameOrNone(500),
  events: list(event, 50, 'Must have at most 50 entries.').refine((names) => names.length > 0, 'Must not be empty.'),
  status: status.optional(),
};
const changes = z.object(fields).partial();

const inputOf = ({ url, displayName, events, status }: z.output<typeof changes>) => ({
  url,
  description: displayName,
  eventTypes: events,
  isEnabled: status && status === 'ACTIVE',
});

const example = {
  id: 'wh_123456789',
  url: 'https://example.com/webhooks/app',
  displayName: 'example.com',
  status: 'ACTIVE',
  events: ['CONVERSATION_CREATED', 'MESSAGE_CREATED'],
  createdAt: '2023-03-01T10:00:00Z',
  updatedAt: '2023-03-01T10:00:00Z',
  lastAttemptedAt: null,
  lastErrorAt: null,
  lastErrorMessage: null,
};
const notFound = { 404: 'Webhook not found.' };

export const webhookRoutes: readonly Route[] = [
  defineRoute({
    ...common,
    method: 'GET',
    path: '/v1/webhooks',
    id: 'listWebhooks',
    summary: 'Lists all webhooks, the oldest first.',
    pathParameters: none,
    queryParameters: none,
    shows: [],
    responses: [
      {
        status: 200,
        description: 'The webhooks.',
        schema: z.strictObject({ webhooks: z.strictObject({ items: z.array(webhookSchema) }) }),
        example: { webhooks: { items: [example] } },
      },
      ...refusals({}),
    ],
    document: TidyWebhooksDocument,
    variables: () => ({}),
    reply: ({ webhookEndpoints: { nodes } }) => ({
      status: 200,
      body: { webhooks: { items: nodes.map(webhookOf) } },
    }),
  }),

  defineRoute({
    ...common,
    method: 'POST',
    path: '/v1/webhooks',
    id: 'createWebhook',
    summary: 'Creates a webhook, which receives events from now on.',
    pathParameters: none,
    queryParameters: none,
    body: z.object(fields),
    bodyExample: { url: example.url, events: example.events },
    responses: [
      {
        status: 201,
        description: 'The webhook and its signing secret, which is returned only here.',
        schema: z.strictObject({ webhook: createdSchema }),
        example: { webhook: { ...example, secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD' } },
      },
      ...refusals({ 400: 'url is required.' }, true),
    ],
    document: TidyCreateWebhookDocument,
    variables: ({ body: { url, events, ...others } }) => ({
      input: { ...inputOf({ events, ...others }), url, format: 'TIDYSUPPORT' as const },
    }),
    reply({ createWebhookEndpoint }) {
      const endpoint = done(createWebhookEndpoint, 'endpoint');
      const { secret = null } = createWebhookEndpoint;
      return { status: 201, body: { webhook: { ...webhookOf(endpoint), secret } } };
    },
  }),

  defineRoute({
    ...common,
    method: 'PUT',
    path: '/v1/webhooks/{id}',
    id: 'updateWebhook',
    summary: 'Changes the given fields of a webhook; PAUSED stops it.',
    pathParameters: one,
    queryParameters: none,
    body: changes,
    bodyExample: { status: 'PAUSED' },
    responses: [
      {
        status: 200,
        description: 'The webhook as it is now.',
        schema: z.strictObject({ webhook: webhookSchema }),
        example: { webhook: { ...example, status: 'PAUSED' } },
      },
      ...refusals({ ...notFound, 400: 'Invalid status. Must be one of: ACTIVE, PAUSED.' }, true),
    ],
    document: TidyUpdateWebhookDocument,
    variables: ({ path, body }) => ({ input: { id: path.id, ...inputOf(body) } }),
    reply: ({ updateWebhookEndpoint }) => ({
      status: 200,
      body: { webhook: webhookOf(done(updateWebhookEndpoint, 'endpoint')) },
    }),
  }),

  defineRoute({
    ...common,
    method: 'DELETE',
    path: '/v1/webhooks/{id}',
    id: 'deleteWebhook',
    summary: 'Deletes a webhook.',
    pathParameters: one,
    queryParameters: none,
    shows: [],
    responses: [{ status: 204, description: 'Deleted.' }, ...refusals(notFound)],
    document: TidyDeleteWebhookDocument,
    variables: ({ path }) => ({ input: { id: path.id } }),
    reply({ deleteWebhookEndpoint }) {
      done(deleteWebhookEndpoint, 'deletedId');
      return { status: 204 };
    },
  }),
];
