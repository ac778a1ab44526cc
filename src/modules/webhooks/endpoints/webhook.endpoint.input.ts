import { z } from 'zod';
import { WebhookFormat } from '../../../generated/prisma/client.js';
import { list, notNull, text, webUrl } from '../../../lib/values/validation.js';
import { isEventPattern } from './webhook.endpoint.events.js';

const maxPatterns = 50;

/** Also asked of what was found to be no URL already. */
const bearsNoPassword = (value: string): boolean => {
  if (!URL.canParse(value)) return true;
  const { username, password } = new URL(value);
  return username === '' && password === '';
};

const url = webUrl.refine(bearsNoPassword, 'Must not hold a user name or password.');

const eventTypes = list(z.string(), maxPatterns, `Must have at most ${maxPatterns} elements.`)
  .refine((patterns) => patterns.length > 0, 'Must name at least one type, or "*" for all.')
  .superRefine((patterns, context) => {
    for (const [index, pattern] of patterns.entries()) {
      if (isEventPattern(pattern)) continue;
      const message = 'Is no type of event; there are "*", and such as "customer.*" and "customer.created".';
      context.addIssue({ code: 'custom', path: [index], message });
    }
  })
  .transform((patterns) => [...new Set(patterns)]);

const filter = z.object({
  customerId: z.string().nullish(),
  conversationId: z.string().nullish(),
  channelId: z.string().nullish(),
});

const description = text(500);

export const newEndpointInput = z.object({
  url,
  eventTypes: eventTypes.nullish(),
  format: z.enum(WebhookFormat).nullish(),
  filter: filter.nullish(),
  description: description.nullish(),
  isEnabled: z.boolean().nullish(),
});

export const updateEndpointInput = z.object({
  id: z.string(),
  url: notNull(url),
  eventTypes: notNull(eventTypes),
  format: notNull(z.enum(WebhookFormat)),
  filter: filter.nullish(),
  description: description.nullish(),
  isEnabled: notNull(z.boolean()),
  ifVersion: z.int().nullish(),
});

const day = 24;

export const rotateSecretInput = z.object({
  id: z.string(),
  overlapHours: z
    .int()
    .min(0, 'Must be from 0 to 168.')
    .max(7 * day, 'Must be from 0 to 168.')
    .nullish()
    .transform((hours) => hours ?? day),
});

export const replayRangeInput = z
  .object({
    endpointId: z.string(),
    from: z.date(),
    to: z.date().nullish(),
    includeSucceeded: z.boolean().nullish(),
    afterSeq: z
      .union([z.bigint(), z.int()])
      .nullish()
      .transform((seq) => BigInt(seq ?? 0)),
  })
  .refine(({ from, to }) => to == null || from < to, { path: ['to'], message: 'Must be later than from.' });

export type NewEndpointInput = z.input<typeof newEndpointInput>;
export type UpdateEndpointInput = z.input<typeof updateEndpointInput>;
export type RotateSecretInput = z.input<typeof rotateSecretInput>;
export type ReplayRangeInput = z.input<typeof replayRangeInput>;
