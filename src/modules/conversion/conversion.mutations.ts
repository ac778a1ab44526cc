import { builder } from '../../graphql/schema/builder.js';
import { nameInput } from '../../graphql/schema/input.js';
import { bulkResults, defineMutation, written } from '../../graphql/schema/mutation.js';
import { maxBatch } from '../click/click.input.js';
import { RecordResult } from '../click/click.mutations.js';
import {
  conversionInput,
  recordConversionsInput,
  refundConversionInput,
  setConversionStatusInput,
} from './conversion.input.js';
import type { RecordedConversion } from './conversion.recording.js';
import { Conversion } from './conversion.types.js';

nameInput(
  'NewConversionStatus',
  builder.enumType('NewConversionStatus', {
    description: 'The first status of a conversion.',
    values: {
      PENDING: { description: 'Not confirmed yet; counts.' },
      APPROVED: { description: 'Confirmed; counts.' },
    },
  }),
);

const recorded = {
  conversion: { type: Conversion, description: 'The conversion; the earlier one if it is a duplicate.' },
  result: { type: RecordResult, description: 'Whether it was recorded now.' },
};

defineMutation('recordConversion', {
  description:
    'Records a conversion, and adds a sale to the lifetime value of its customer in the same transaction. If its class already has a conversion with this orderId, no other is recorded; with another amount it is a CONFLICT. Part of revenue tracking. Needs links:create.',
  scope: 'links:create',
  entitlement: 'REVENUE_TRACKING',
  input: conversionInput,
  resolve: ({ services, caller }, input) => services.conversions.record(caller, input),
  payload: recorded,
});

defineMutation('recordConversions', {
  description: `Executes recordConversion for 1 to ${maxBatch.toLocaleString('en')} items in their order, in one transaction. Safe to repeat if each has an orderId. Part of revenue tracking. Needs links:create.`,
  scope: 'links:create',
  entitlement: 'REVENUE_TRACKING',
  input: recordConversionsInput,
  resolve: async ({ services, caller }, input) => ({ results: await services.conversions.recordMany(caller, input) }),
  payload: {
    results: bulkResults<RecordedConversion>('RecordConversionsItemResult', {
      description: 'The result of one item of recordConversions.',
      fields: recorded,
    }),
  },
});

defineMutation('setConversionStatus', {
  description:
    'Sets the status of a conversion and of its refunds. In the same transaction the lifetime value of the customer is adjusted: a conversion that no longer counts is subtracted, one that counts again is added. Safe to repeat. Part of revenue tracking. Needs links:update.',
  scope: 'links:update',
  entitlement: 'REVENUE_TRACKING',
  input: setConversionStatusInput,
  resolve: ({ services, caller }, input) => services.conversions.setStatus(caller, input),
  payload: {
    conversion: { type: Conversion, description: 'The conversion after the change.' },
    result: written(),
  },
});

defineMutation('refundConversion', {
  description:
    'Refunds a sale, in whole or in part: adds a conversion with a negative amount, at the exchange rate of the sale, and subtracts it from the lifetime value of the customer in the same transaction. To repeat it safely, send an Idempotency-Key. Part of revenue tracking. Needs links:update.',
  scope: 'links:update',
  entitlement: 'REVENUE_TRACKING',
  input: refundConversionInput,
  resolve: ({ services, caller }, input) => services.conversions.refund(caller, input),
  payload: {
    refund: { type: Conversion, description: 'The new conversion, with a negative amount.' },
    conversion: { type: Conversion, description: 'The sale.' },
  },
});
