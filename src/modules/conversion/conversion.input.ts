import { z } from 'zod';
import { ConversionClass, ConversionStatus } from '../../generated/prisma/client.js';
import { currencyCode, exchangeRate } from '../../lib/values/money.js';
import { name, text, wholeNumber } from '../../lib/values/validation.js';
import { customerNames, errorPolicy, maxBatch, pastTime, requireOneWay } from '../click/click.input.js';

/** So that the sum over nine million sales of one customer still is a number of 64 bits. */
export const maxAmountMinor = 1_000_000_000_000n;

/** A whole number of minor units. */
const amount = z
  .union([z.bigint(), z.int()])
  .transform(BigInt)
  .refine((value) => value >= 0n && value <= maxAmountMinor, `Must be from 0 to ${maxAmountMinor}.`);

export const conversionInput = z
  .object({
    ...customerNames,
    clickId: text(255).nullish(),
    class: z.enum(ConversionClass),
    status: z.enum(['PENDING', 'APPROVED']).nullish(),
    name: name(255).nullish(),
    orderId: name(255).nullish(),
    amountMinor: amount.nullish(),
    currency: currencyCode.nullish(),
    exchangeRate: exchangeRate.nullish(),
    items: wholeNumber(0, 1_000_000).nullish(),
    occurredAt: pastTime.nullish(),
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
    message: 'A sale has an amount.',
  });

export type ConversionInput = z.input<typeof conversionInput>;
export type ParsedConversion = z.output<typeof conversionInput>;

/** The items are checked one by one, so that each can be refused alone. */
export const recordConversionsInput = z.object({
  conversions: z
    .array(z.unknown())
    .min(1, 'Must have at least one conversion.')
    .max(maxBatch, `Must have at most ${maxBatch} conversions.`),
  errorPolicy,
});

export type RecordConversionsInput = z.input<typeof recordConversionsInput>;

/** What names one conversion: its id, or its orderId in its class. */
const which = {
  id: z.string().nullish(),
  orderId: text(255).nullish(),
  class: z.enum(ConversionClass).nullish(),
};

const named = ({ id, orderId }: { id?: unknown; orderId?: unknown }) => (id == null) !== (orderId == null);
const notNamed = { path: ['id'], message: 'Exactly one of id and orderId must say which conversion is meant.' };

export const conversionKey = z.object(which).refine(named, notNamed);
export type ConversionKey = z.input<typeof conversionKey>;

const ifVersion = z.int().nullish();

export const setConversionStatusInput = z
  .object({ ...which, status: z.enum(ConversionStatus), ifVersion })
  .refine(named, notNamed);
export type SetConversionStatusInput = z.input<typeof setConversionStatusInput>;

export const refundConversionInput = z
  .object({
    ...which,
    amountMinor: amount.refine((value) => value > 0n, 'Must be greater than 0.').nullish(),
    occurredAt: pastTime.nullish(),
    ifVersion,
  })
  .refine(named, notNamed);
export type RefundConversionInput = z.input<typeof refundConversionInput>;
