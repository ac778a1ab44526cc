import { z } from 'zod';
import {
  CstarCreateWebhookDocument,
  CstarDeleteWebhookDocument,
  CstarTestWebhookDocument,
  CstarUpdateWebhookDocument,
  CstarWebhookDocument,
  type CstarWebhookFragment,
  CstarWebhooksDocument,
} from '../../generated/documents/graphql.js';
import { list, webUrl } from '../../lib/values/validation.js';
import { HttpError } from '../http-error.js';
import { nameOrNone } from '../input.js';
import { defineRoute, none, type Route } from '../route.js';
import { time, timeSchema } from '../time.js';
import { answer, answerSpec, common, team, teamPath } from './common.js';
import { refusals, wordsOf } from './errors.js';
import { eventIdOf, webhookIdOf } from './webhooks.js';

/** The Webhooks API of cStar: the team's endpoints that receive events in its format. */

const path = `${teamPath}/webhooks`;
const { done, httpErrorOf } = wordsOf('webhookId');
const ofWebhooks = { ...common, refuse: httpErrorOf, tag: 'cStar Webhooks', shows: ['webhooks:read'] } as const;

const webhook = {
  id: z.string(),
  name: z.string().describe('The host of the URL, unless another name was given.'),
  url: z.string(),
  events: z.array(z.string()),
  isActive: z.boolean(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
};
const webhookSchema = z.strictObject(webhook).meta({ id: 'CstarWebhook' });

const createdSchema = z
  .strictObject({
    ...webhook,
    secret: z.string().nullable().describe('Null when the request was repeated.'),
  })
  .meta({ id: 'CstarCreatedWebhook' });

const webhookOf = ({ databaseId, url, description, eventTypes, isEnabled, ...endpoint }: CstarWebhookFragment) => ({
  id: webhookIdOf(databaseId),
  name: description ?? new URL(url).host,
  url,
  events: eventTypes,
  isActive: isEnabled,
  createdAt: time(endpoint.createdAt),
  updatedAt: time(endpoint.updatedAt ?? endpoint.createdAt),
});

const slack = {
  id: 'whk_a1b2c3d4e5f6',
  name: 'Slack Notifications',
  url: 'https://hooks.slack.com/services/T0/B0/x',
  events: ['ticket.created', 'ticket.closed'],
  isActive: true,
  createdAt: '2025-11-01T10:00:00Z',
  updatedAt: '2025-11-01T10:00:00Z',
};

const notFound = { 404: { message: 'Webhook not found.', param: 'webhookId' } };
const one = z.object({
  ...team,
  webhookId: z
    .string()
    .regex(/^(whk_[A-Za-z0-9_-]{1,120}|whe_[A-Za-z0-9_-]{1,120})$/, { error: notFound[404].message })
    .describe('The id of the webhook (whk_…).')
    .transform((id) => id.replace(/^whk_/, 'whe_')),
});

const fields = {
  name: nameOrNone(500).describe('The purpose of the webhook.'),
  url: webUrl,
  events: list(z.string(), 50, 'Must have at most 50 entries.').describe(
    'The event types, such as "ticket.created"; "ticket.*" for all types of one kind, "*" for all.',
  ),
  isActive: z.boolean().optional(),
};
const changes = z.object(fields).partial();

const inputOf = ({ name, url, events, isActive }: z.output<typeof changes>) => ({
  description: name,
  url,
  eventTypes: events,
  isEnabled: isActive,
});

const answerOne = (description: string, status = 200) => answerSpec(description, webhookSchema, slack, status);

export const webhookRoutes: readonly Route[] = [
  defineRoute({
    ...ofWebhooks,
    method: 'GET',
    path,
    id: 'cstarListWebhooks',
    summary: 'Lists the webhooks of the team, the oldest first.',
    shows: [],
    pathParameters: z.object(team),
    queryParameters: none,
    responses: [answerSpec('The webhooks.', z.array(webhookSchema), [slack]), ...refusals({})],
    document: CstarWebhooksDocument,
    variables: () => ({}),
    reply: ({ webhookEndpoints: { nodes } }) => answer(nodes.map(webhookOf)),
  }),

  defineRoute({
    ...ofWebhooks,
    method: 'POST',
    path,
    id: 'cstarCreateWebhook',
    summary: 'Creates a webhook, which receives events from now on.',
    pathParameters: z.object(team),
    queryParameters: none,
    body: z.object(fields),
    bodyExample: { name: slack.name, url: slack.url, events: slack.events },
    responses: [
      answerSpec(
        'The webhook, with what its requests are signed with, which is shown only here.',
        createdSchema,
        { ...slack, secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD' },
        201,
      ),
      ...refusals({ 400: { message: 'url is required.', param: 'url', isMissing: true } }, true),
    ],
    document: CstarCreateWebhookDocument,
    variables: ({ body }) => ({ input: { ...inputOf(body), url: body.url, format: 'CSTAR' as const } }),
    reply({ createWebhookEndpoint }) {
      const endpoint = done(createWebhookEndpoint, 'endpoint');
      const { secret = null } = createWebhookEndpoint;
      return answer({ ...webhookOf(endpoint), secret }, 201);
    },
  }),

  defineRoute({
    ...ofWebhooks,
    method: 'GET',
    path: `${path}/{webhookId}`,
    id: 'cstarGetWebhook',
    summary: 'Retrieves a webhook.',
    shows: [],
    pathParameters: one,
    queryParameters: none,
    responses: [answerOne('The webhook.'), ...refusals(notFound)],
    document: CstarWebhookDocument,
    variables: ({ path: { webhookId } }) => ({ id: webhookId }),
    reply({ webhookEndpoint }) {
      if (!webhookEndpoint) throw new HttpError(404, notFound[404].message, {}, { param: 'webhookId' });
      return answer(webhookOf(webhookEndpoint));
    },
  }),

  defineRoute({
    ...ofWebhooks,
    method: 'PATCH',
    path: `${path}/{webhookId}`,
    id: 'cstarUpdateWebhook',
    summary: 'Updates the given fields of a webhook.',
    pathParameters: one,
    queryParameters: none,
    body: changes,
    bodyExample: { isActive: true },
    responses: [answerOne('The webhook as it is now.'), ...refusals(notFound, true)],
    document: CstarUpdateWebhookDocument,
    variables: ({ path: { webhookId }, body }) => ({ input: { id: webhookId, ...inputOf(body) } }),
    reply: ({ updateWebhookEndpoint }) => answer(webhookOf(done(updateWebhookEndpoint, 'endpoint'))),
  }),

  defineRoute({
    ...ofWebhooks,
    method: 'DELETE',
    path: `${path}/{webhookId}`,
    id: 'cstarDeleteWebhook',
    summary: 'Deletes a webhook.',
    shows: [],
    pathParameters: one,
    queryParameters: none,
    responses: [
      answerSpec('Deleted.', z.strictObject({ id: z.string(), deleted: z.literal(true) }), {
        id: slack.id,
        deleted: true,
      }),
      ...refusals(notFound),
    ],
    document: CstarDeleteWebhookDocument,
    variables: ({ path: { webhookId } }) => ({ input: { id: webhookId } }),
    reply: ({ deleteWebhookEndpoint }) =>
      answer({ id: webhookIdOf(done(deleteWebhookEndpoint, 'deletedId')), deleted: true }),
  }),

  defineRoute({
    ...ofWebhooks,
    method: 'POST',
    path: `${path}/{webhookId}/test`,
    id: 'cstarTestWebhook',
    summary: 'Sends a test event to a webhook, even if it is not active. The response is inferred.',
    pathParameters: one,
    queryParameters: none,
    responses: [
      answerSpec(
        'The test is on its way.',
        z.strictObject({ id: z.string().describe('The id of the event.'), sentAt: timeSchema }),
        { id: 'evt_01KB2X7Q9Z', sentAt: '2026-03-13T10:00:00Z' },
        202,
      ),
      ...refusals(notFound),
    ],
    document: CstarTestWebhookDocument,
    variables: ({ path: { webhookId } }) => ({ input: { endpointId: webhookId } }),
    reply({ sendTestWebhook }) {
      const { databaseId, createdAt } = done(sendTestWebhook, 'delivery');
      return answer({ id: eventIdOf(databaseId), sentAt: time(createdAt) }, 202);
    },
  }),
];
