import { z } from 'zod';
import { name, text, webUrl } from '../../lib/values/validation.js';

/** Clocks differ; what lies further ahead has not happened. */
const maxAheadMs = 24 * 60 * 60 * 1000;

/** A time between 1970 and now. */
export const pastTime = z
  .date()
  .refine((time) => time.getTime() >= 0 && time.getTime() <= Date.now() + maxAheadMs, 'Must lie between 1970 and now.');

/** How a click or a conversion names its customer. */
export const customerNames = {
  customerId: z.string().nullish(),
  externalId: name(255).nullish(),
  email: text(320)
    .transform((value) => value.trim())
    .pipe(z.email('Invalid email address format.'))
    .nullish(),
};

export const requireOneWay = {
  check: ({ customerId, externalId, email }: { customerId?: unknown; externalId?: unknown; email?: unknown }) =>
    customerId == null || (externalId == null && email == null),
  refusal: { path: ['customerId'], message: 'Not together with externalId or email: it names the customer alone.' },
};

export const clickInput = z
  .object({
    ...customerNames,
    clickId: name(255).nullish(),
    linkId: z.string().nullish(),
    campaignId: z.string().nullish(),
    utmSource: name(255).nullish(),
    utmMedium: name(255).nullish(),
    utmCampaign: name(255).nullish(),
    referrer: webUrl.nullish(),
    url: webUrl.nullish(),
    occurredAt: pastTime.nullish(),
  })
  .refine(requireOneWay.check, requireOneWay.refusal);

export type ClickInput = z.input<typeof clickInput>;

export const maxBatch = 1_000;
export const errorPolicy = z.enum(['ALL_OR_NOTHING', 'PER_ITEM']);

/** The items are checked one by one, so that each can be refused alone. */
export const recordClicksInput = z.object({
  clicks: z
    .array(z.unknown())
    .min(1, 'Must have at least one click.')
    .max(maxBatch, `Must have at most ${maxBatch} clicks.`),
  errorPolicy,
});

export type RecordClicksInput = z.input<typeof recordClicksInput>;

/** What names one click. */
export interface ClickKey {
  id?: string | null | undefined;
  clickId?: string | null | undefined;
}

export const claimClickInput = z.object({ clickId: text(255), customerId: z.string() });

export type ClaimClickInput = z.input<typeof claimClickInput>;

/** Where a click came from: the utm_source, else the referrer's host, else "direct". */
export function sourceOf(utmSource: string | null | undefined, referrer: string | null | undefined): string {
  if (utmSource != null) return utmSource;
  return referrer == null ? 'direct' : new URL(referrer).hostname.toLowerCase();
}
