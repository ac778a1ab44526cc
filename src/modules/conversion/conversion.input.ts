import { z } from 'zod';
import { ConversionClass, ConversionStatus } from '../../generated/prisma/client.js';
import { errorPolicy } from '../../lib/values/batch.js';
import { currencyCode, exchangeRate } from '../../lib/values/money.js';
import {
  id,
  ifVersion,
  inputMeta,
  itemByItem,
  key,
  name,
  text,
  wantedKey,
  wholeNumber,
} from '../../lib/values/validation.js';
import { customerNames, maxBatch, pastTime, requireOneWay } from '../click/click.input.js';
import { metadata } from '../customer/customer.input.js';
import { maxMetadataBytes } from '../customer/customer.metadata.js';

/** With this limit the sum over nine million sales of one customer fits into 64 bits. */
export const maxAmountMinor = 1_000_000_000_000n;

/** A whole number of minor units. */
const amount = z
  .union([z.bigint(), z.int()], 'Must be whole minor units, such as 2933 cents for 29.33.')
  .transform(BigInt)
  .refine((value) => value >= 0n && value <= maxAmountMinor, `Must be from 0 to ${maxAmountMinor}.`);

const maxName = 255;
const maxItems = 1_000_000;

export const conversionInput = z
  .object({
    ...customerNames,
    clickId: text(maxName)
      .nullish()
      .describe(
        'The clickId of the click that led to the conversion. A click that has no customer is assigned to the customer of the conversion. Without customerId, externalId and email the conversion belongs to the customer of the click, who is created if there is none.',
      ),
    class: z.enum(ConversionClass).describe('The class of the conversion.'),
    status: z
      .enum(['PENDING', 'APPROVED'])
      .register(inputMeta, { type: 'NewConversionStatus' })
      .nullish()
      .describe('The first status; APPROVED if omitted.'),
    name: name(maxName).nullish().describe(`The name of a CUSTOM conversion, at most ${maxName} characters.`),
    orderId: key(maxName)
      .nullish()
      .describe(
        `The workspace's own id of the order, at most ${maxName} characters. With it, the same order is not recorded twice.`,
      ),
    amountMinor: amount
      .nullish()
      .describe(
        `The amount paid, in minor units of the currency, from 0 to ${maxAmountMinor.toLocaleString('en')}. Required for a sale; 0 for other conversions if omitted.`,
      ),
    currency: currencyCode.nullish().describe("The ISO 4217 code; the workspace's currency if omitted."),
    exchangeRate: exchangeRate
      .nullish()
      .describe(
        'The value of one unit of the currency in the workspace\'s currency, such as "1.0837". Required if the two currencies differ; stored with the conversion.',
      ),
    items: wholeNumber(0, maxItems)
      .nullish()
      .describe(`The number of items sold, at most ${maxItems.toLocaleString('en')}.`),
    payoutMinor: amount
      .nullish()
      .describe(
        'What was paid for the conversion, as to a partner, in minor units of its currency; unknown if omitted.',
      ),
    pixelId: name(maxName)
      .nullish()
      .describe(`The id of the pixel that reported the conversion, at most ${maxName} characters.`),
    metadata: metadata
      .nullish()
      .describe(`The workspace's own data about the conversion, at most ${maxMetadataBytes / 1024} KiB.`),
    occurredAt: pastTime.nullish().describe('When the conversion happened, from 1970 to now; now if omitted.'),
  })
  .refine(requireOneWay.check, requireOneWay.refusal)
  .refine(
    ({ customerId, externalId, email, clickId }) => [customerId, externalId, email, clickId].some((key) => key != null),
    {
      path: ['externalId'],
      message: 'One of customerId, externalId, email and clickId must say whose conversion it is.',
    },
  )
  .refine((input) => input.class !== 'SALE' || input.amountMinor != null, {
    path: ['amountMinor'],
    message: 'Must be given for a sale.',
  })
  .describe('One conversion of a batch.')
  .register(inputMeta, { type: 'RecordConversionsItem' });

export type ConversionInput = z.input<typeof conversionInput>;
export type ParsedConversion = z.output<typeof conversionInput>;

export const recordConversionsInput = z.object({
  conversions: itemByItem(conversionInput, {
    most: maxBatch,
    what: 'conversion',
    description: `The conversions, 1 to ${maxBatch.toLocaleString('en')}.`,
  }),
  errorPolicy,
});

export type RecordConversionsInput = z.input<typeof recordConversionsInput>;

/** What identifies one conversion: its id, or its orderId in its class. */
const which = {
  id: id.nullish().describe('The conversion. Exactly one of id and orderId is required.'),
  orderId: wantedKey(maxName).nullish().describe("The workspace's own id of the order of the conversion."),
  class: z.enum(ConversionClass).nullish().describe('The class of the conversion with this orderId; SALE if omitted.'),
};

const named = ({ id, orderId }: { id?: unknown; orderId?: unknown }) => (id == null) !== (orderId == null);
const notNamed = { path: ['id'], message: 'Exactly one of id and orderId must say which conversion is meant.' };

export const conversionKey = z.object(which).refine(named, notNamed);
export type ConversionKey = z.input<typeof conversionKey>;

export const setConversionStatusInput = z
  .object({
    ...which,
    status: z.enum(ConversionStatus).describe('The new status.'),
    ifVersion: ifVersion('conversion'),
  })
  .refine(named, notNamed);
export type SetConversionStatusInput = z.input<typeof setConversionStatusInput>;

export const refundConversionInput = z
  .object({
    ...which,
    amountMinor: amount
      .refine((value) => value > 0n, 'Must be greater than 0.')
      .nullish()
      .describe(
        'The amount to refund, in minor units of the currency of the sale; all that is not refunded yet if omitted.',
      ),
    occurredAt: pastTime.nullish().describe('When the refund was paid, not before the sale; now if omitted.'),
    ifVersion: ifVersion('conversion'),
  })
  .refine(named, notNamed);
export type RefundConversionInput = z.input<typeof refundConversionInput>;
