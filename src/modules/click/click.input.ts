import { z } from 'zod';
import { errorPolicy } from '../../lib/values/batch.js';
import { countryCode } from '../../lib/values/country.js';
import { email, id, inputMeta, itemByItem, key, name, text, webUrl } from '../../lib/values/validation.js';

const maxName = 255;

/** The clocks of callers may be ahead by this much. */
const maxAheadMs = 24 * 60 * 60 * 1000;

/** A time between 1970 and now. */
export const pastTime = z
  .date()
  .refine((time) => time.getTime() >= 0 && time.getTime() <= Date.now() + maxAheadMs, 'Must lie between 1970 and now.');

/** The customer of a click or a conversion. */
export const customerNames = {
  customerId: id.nullish().describe('The customer. Not together with externalId or email.'),
  externalId: key(maxName)
    .nullish()
    .describe("The workspace's own id of the customer. The customer is created if there is none with this id."),
  email: email
    .nullish()
    .describe(
      'The e-mail address of the customer. The customer is created if nobody has this address and externalId identifies nobody.',
    ),
};

export const requireOneWay = {
  check: ({ customerId, externalId, email }: { customerId?: unknown; externalId?: unknown; email?: unknown }) =>
    customerId == null || (externalId == null && email == null),
  refusal: { path: ['customerId'], message: 'Not together with externalId or email: it names the customer alone.' },
};

const utm = (parameter: string) =>
  name(maxName).nullish().describe(`The ${parameter} parameter of the URL, at most ${maxName} characters.`);

export const clickInput = z
  .object({
    ...customerNames,
    clickId: name(maxName)
      .nullish()
      .describe(
        `A unique name by which other calls refer to the click, at most ${maxName} characters; its plain id if omitted.`,
      ),
    linkId: id.nullish().describe('The link that was clicked.'),
    campaignId: id.nullish().describe('The campaign of the click; the campaign of the link if omitted.'),
    utmSource: utm('utm_source'),
    utmMedium: utm('utm_medium'),
    utmCampaign: utm('utm_campaign'),
    referrer: webUrl.nullish().describe('The http or https URL of the page that contained the link.'),
    url: webUrl.nullish().describe('The http or https URL of the page that was opened.'),
    country: countryCode
      .nullish()
      .describe(
        'The ISO 3166 code of the country that the visit came from, such as DE, as a proxy or a widget tells it.',
      ),
    occurredAt: pastTime.nullish().describe('When the click happened, from 1970 to now; now if omitted.'),
  })
  .refine(requireOneWay.check, requireOneWay.refusal)
  .describe('One click of a batch.')
  .register(inputMeta, { type: 'RecordClicksItem' });

export type ClickInput = z.input<typeof clickInput>;

export const maxBatch = 1_000;

export const recordClicksInput = z.object({
  clicks: itemByItem(clickInput, {
    most: maxBatch,
    what: 'click',
    description: `The clicks, 1 to ${maxBatch.toLocaleString('en')}.`,
  }),
  errorPolicy,
});

export type RecordClicksInput = z.input<typeof recordClicksInput>;

/** What identifies one click. */
export interface ClickKey {
  id?: string | null | undefined;
  clickId?: string | null | undefined;
}

export const claimClickInput = z.object({
  clickId: text(maxName).describe('The clickId of the click.'),
  customerId: id.describe('The customer who made the click.'),
});

export type ClaimClickInput = z.input<typeof claimClickInput>;

/** Where a click came from: the utm_source, else the referrer's host, else "direct". */
export function sourceOf(utmSource: string | null | undefined, referrer: string | null | undefined): string {
  if (utmSource != null) return utmSource;
  return referrer == null ? 'direct' : new URL(referrer).hostname.toLowerCase();
}
