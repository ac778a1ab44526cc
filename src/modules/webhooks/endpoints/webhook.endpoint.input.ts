import { z } from 'zod';
import { WebhookFormat } from '../../../generated/prisma/client.js';
import { id, ifVersion, inputMeta, list, notNull, text, webUrl } from '../../../lib/values/validation.js';

/** The number of endpoints bounds the cost of one event. */
export const maxEndpoints = 50;
/** How many events one call of replayWebhookDeliveries examines. */
export const maxReplayedEvents = 1_000;

const maxPatterns = 50;

/** Also true for an invalid URL, which another rule reports. */
const hasNoPassword = (value: string): boolean => {
  if (!URL.canParse(value)) return true;
  const { username, password } = new URL(value);
  return username === '' && password === '';
};

const url = webUrl.refine(hasNoPassword, 'Must not hold a user name or password.');

const eventTypes = list(z.string(), maxPatterns, `Must have at most ${maxPatterns} elements.`)
  .refine((patterns) => patterns.length > 0, 'Must name at least one type, or "*" for all.')
  .transform((patterns) => [...new Set(patterns)]);

const filter = z
  .object({
    customerId: id
      .nullish()
      .describe('The customer or contact: events about the person, their conversations and the messages in these.'),
    conversationId: id.nullish().describe('The conversation: events about it and its messages.'),
    channelId: id.nullish().describe('The channel: events about it, its conversations and the messages in these.'),
  })
  .describe(
    'Limits the events that an endpoint receives. An event must match all given fields; an event that is about none of these objects is not sent.',
  )
  .register(inputMeta, { type: 'WebhookEventFilterInput' });

const maxDescription = 500;
const description = text(maxDescription).nullish();

const about = {
  url: 'The http or https URL of the requests, with a public host and without user name and password.',
  eventTypes:
    'The event types to receive: "*" for all, "customer.*" for all types of one kind, single types, or names that the format has for them. The API key needs the scopes to read them.',
  description: `A note on the purpose of the endpoint, at most ${maxDescription} characters`,
};

export const newEndpointInput = z.object({
  url: url.describe(about.url),
  eventTypes: eventTypes.nullish().describe(`${about.eventTypes} All if omitted.`),
  format: z.enum(WebhookFormat).nullish().describe('The format of the requests; DESKGRAPH if omitted.'),
  filter: filter.nullish().describe('Limits the events to those about certain objects; no limit if omitted.'),
  description: description.describe(`${about.description}.`),
  isEnabled: z.boolean().nullish().describe('False to create the endpoint disabled; true if omitted.'),
});

const endpointId = id.describe('The endpoint.');

export const updateEndpointInput = z.object({
  id: endpointId,
  url: notNull(url).describe(about.url),
  eventTypes: notNull(eventTypes).describe(about.eventTypes),
  format: notNull(z.enum(WebhookFormat)).describe('The format of the requests.'),
  filter: filter.nullish().describe('Replaces the whole filter; null removes it.'),
  description: description.describe(`${about.description}; null removes it.`),
  isEnabled: notNull(z.boolean()).describe(
    'False stops all requests, including pending deliveries. True starts them again and resets the count of failures.',
  ),
  ifVersion: ifVersion('endpoint'),
});

export const deleteEndpointInput = z.object({ id: endpointId });

const dayHours = 24;
const maxOverlapHours = 7 * dayHours;
const overlapBounds = `Must be from 0 to ${maxOverlapHours}.`;

export const rotateSecretInput = z.object({
  id: endpointId,
  overlapHours: z
    .int()
    .min(0, overlapBounds)
    .max(maxOverlapHours, overlapBounds)
    .nullish()
    .transform((hours) => hours ?? dayHours)
    .describe(
      `How long requests are also signed with the previous secret, from 0 to ${maxOverlapHours} hours; ${dayHours} if omitted.`,
    ),
});

export const sendTestInput = z.object({ endpointId });

export const replayInput = z.object({ id: id.describe('The delivery.') });

export const replayRangeInput = z
  .object({
    endpointId: id.describe('The endpoint, which must be enabled.'),
    from: z.date().describe('The start of the time range, inclusive.'),
    to: z.date().nullish().describe('The end of the time range, exclusive; now if omitted.'),
    includeSucceeded: z.boolean().nullish().describe('True to send succeeded deliveries again as well.'),
    afterSeq: z
      .union([z.bigint(), z.int()])
      .nullish()
      .transform((seq) => BigInt(seq ?? 0))
      .describe('The lastSeq of the previous call, to continue after it.'),
  })
  .refine(({ from, to }) => to == null || from < to, { path: ['to'], message: 'Must be later than from.' });

export type NewEndpointInput = z.input<typeof newEndpointInput>;
export type UpdateEndpointInput = z.input<typeof updateEndpointInput>;
export type DeleteEndpointInput = z.input<typeof deleteEndpointInput>;
export type RotateSecretInput = z.input<typeof rotateSecretInput>;
export type SendTestInput = z.input<typeof sendTestInput>;
export type ReplayInput = z.input<typeof replayInput>;
export type ReplayRangeInput = z.input<typeof replayRangeInput>;
