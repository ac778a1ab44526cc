import { builder } from '../../graphql/schema/builder.js';
import { defineMutation, UserError, userErrorsOf } from '../../graphql/schema/mutation.js';
import type { ItemOutcome } from '../../lib/values/batch.js';
import { customerNameInputs, RecordResult } from '../click/click.mutations.js';
import { ErrorPolicy } from '../customer/bulk/customer.bulk.mutations.js';
import type { InputBuilder } from '../customer/customer.fields.types.js';
import { WriteResult } from '../customer/customer.mutations.js';
import type { RecordedConversion } from './conversion.recording.js';
import { Conversion, ConversionClass, ConversionStatus } from './conversion.types.js';

const NewConversionStatus = builder.enumType('NewConversionStatus', {
  description: 'The status with which a conversion begins.',
  values: {
    PENDING: { description: 'Not confirmed yet; counts.' },
    APPROVED: { description: 'Confirmed; counts.' },
  },
});

const conversionInputs = (t: InputBuilder) => ({
  ...customerNameInputs(t),
  clickId: t.string({
    description:
      'The name of the click that led to it. A click that belongs to nobody is the customer’s from now on; without any other name the conversion is its customer’s, who is created when there is none.',
  }),
  class: t.field({ type: ConversionClass, required: true, description: 'What kind of step it is.' }),
  status: t.field({ type: NewConversionStatus, description: 'How it begins; APPROVED when left out.' }),
  name: t.string({ description: 'What a custom step is called, at most 255 characters.' }),
  orderId: t.string({
    description: "The workspace's own id of the order, at most 255 characters: with it nothing is recorded twice.",
  }),
  amountMinor: t.field({
    type: 'BigInt',
    description:
      'What was paid, in minor units of the currency, from 0 to 10^12. A sale has one; 0 for others when left out.',
  }),
  currency: t.string({ description: "The ISO 4217 code; the workspace's currency when left out." }),
  exchangeRate: t.string({
    description:
      'What a unit of the currency is worth in the workspace\'s, such as "1.0837"; needed for another currency, and kept with the conversion.',
  }),
  items: t.int({ description: 'How many things were sold, at most 1,000,000.' }),
  occurredAt: t.field({ type: 'DateTime', description: 'When it happened, from 1970 to now; now when left out.' }),
});

defineMutation('recordConversion', {
  description:
    'Records a conversion, and adds a sale to the lifetime value of its customer in the same transaction. An order that is known in its class is not recorded again; with another amount it is a CONFLICT. Part of revenue tracking. Needs links:create.',
  scope: 'links:create',
  entitlement: 'REVENUE_TRACKING',
  input: conversionInputs,
  resolve: ({ services, caller }, input) => services.conversions.record(caller, input),
  payload: (t) => ({
    conversion: t.field({
      type: Conversion,
      nullable: true,
      description: 'The conversion, the one of before when it is a duplicate.',
      resolve: ({ conversion }) => conversion,
    }),
    result: t.field({
      type: RecordResult,
      nullable: true,
      description: 'Whether it was recorded now.',
      resolve: ({ result }) => result,
    }),
  }),
});

const RecordConversionsItem = builder.inputType('RecordConversionsItem', {
  description: 'One conversion of a batch.',
  fields: conversionInputs,
});

const RecordConversionsItemResult = builder
  .objectRef<ItemOutcome<RecordedConversion>>('RecordConversionsItemResult')
  .implement({
    description: 'What became of one conversion of a batch.',
    fields: (t) => ({
      index: t.exposeInt('index', { description: 'The place of the item in the input, from 0.' }),
      conversion: t.field({
        type: Conversion,
        nullable: true,
        description: 'The conversion, the one of before when it is a duplicate; null when the item was refused.',
        resolve: ({ value }) => value?.conversion,
      }),
      result: t.field({
        type: RecordResult,
        nullable: true,
        description: 'Whether it was recorded now; null when the item was refused.',
        resolve: ({ value }) => value?.result,
      }),
      userErrors: t.field({
        type: [UserError],
        description: 'Why the item was refused, with paths from the input of the mutation; empty when it was not.',
        resolve: ({ errors }) => userErrorsOf(errors),
      }),
    }),
  });

defineMutation('recordConversions', {
  description:
    'Does recordConversion for 1 to 1,000 items in their order, in one transaction. Safe to repeat where each has an orderId. Part of revenue tracking. Needs links:create.',
  scope: 'links:create',
  entitlement: 'REVENUE_TRACKING',
  input: (t) => ({
    conversions: t.field({
      type: [RecordConversionsItem],
      required: true,
      description: 'The conversions, 1 to 1,000.',
    }),
    errorPolicy: t.field({
      type: ErrorPolicy,
      required: true,
      description: 'Whether an item that cannot be recorded holds up the others.',
    }),
  }),
  resolve: async ({ services, caller }, input) => ({ results: await services.conversions.recordMany(caller, input) }),
  payload: (t) => ({
    results: t.field({
      type: [RecordConversionsItemResult],
      nullable: true,
      description: 'What became of each item, in their order.',
      resolve: ({ results }) => results,
    }),
  }),
});

/** What says which conversion a change is about. */
const which = (t: InputBuilder) => ({
  id: t.id({ description: 'The conversion; or else orderId.' }),
  orderId: t.string({ description: "The workspace's own id of its order; or else id." }),
  class: t.field({ type: ConversionClass, description: 'The class of the order; SALE when left out.' }),
  ifVersion: t.int({ description: 'Do it only while the conversion is at this version.' }),
});

defineMutation('setConversionStatus', {
  description:
    'Sets the status of a conversion, and of its refunds with it. What does not count any more leaves the lifetime value of the customer in the same transaction, and comes back with a status that counts. Safe to repeat. Part of revenue tracking. Needs links:update.',
  scope: 'links:update',
  entitlement: 'REVENUE_TRACKING',
  input: (t) => ({
    ...which(t),
    status: t.field({ type: ConversionStatus, required: true, description: 'The status from now on.' }),
  }),
  resolve: ({ services, caller }, input) => services.conversions.setStatus(caller, input),
  payload: (t) => ({
    conversion: t.field({
      type: Conversion,
      nullable: true,
      description: 'The conversion as it is now.',
      resolve: ({ conversion }) => conversion,
    }),
    result: t.field({
      type: WriteResult,
      nullable: true,
      description: 'What was done.',
      resolve: ({ result }) => result,
    }),
  }),
});

defineMutation('refundConversion', {
  description:
    'Refunds a sale, in whole or in part: adds a row with a negative amount, at the rate of the sale, and takes it from the lifetime value of the customer in the same transaction. Send it with an Idempotency-Key to be safe to repeat. Part of revenue tracking. Needs links:update.',
  scope: 'links:update',
  entitlement: 'REVENUE_TRACKING',
  input: (t) => ({
    ...which(t),
    amountMinor: t.field({
      type: 'BigInt',
      description: 'What is paid back, in minor units of the currency of the sale; all that is left when left out.',
    }),
    occurredAt: t.field({
      type: 'DateTime',
      description: 'When it was paid back, not before the sale; now when left out.',
    }),
  }),
  resolve: ({ services, caller }, input) => services.conversions.refund(caller, input),
  payload: (t) => ({
    refund: t.field({ type: Conversion, nullable: true, description: 'The new row.', resolve: ({ refund }) => refund }),
    conversion: t.field({
      type: Conversion,
      nullable: true,
      description: 'The sale.',
      resolve: ({ conversion }) => conversion,
    }),
  }),
});
