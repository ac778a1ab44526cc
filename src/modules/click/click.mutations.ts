import { builder } from '../../graphql/schema/builder.js';
import { bulkResults, defineMutation, written } from '../../graphql/schema/mutation.js';
import { claimClickInput, clickInput, maxBatch, recordClicksInput } from './click.input.js';
import type { RecordedClick } from './click.recording.js';
import { Click } from './click.types.js';

export const RecordResult = builder.enumType('RecordResult', {
  description: 'What a call that records a click or a conversion did.',
  values: {
    RECORDED: { description: 'It was recorded now.' },
    DUPLICATE: { description: 'It had been recorded before; the payload shows the earlier record.' },
  } satisfies Record<RecordedClick['result'], object>,
});

const recorded = {
  click: { type: Click, description: 'The click; the earlier one if it is a duplicate.' },
  result: { type: RecordResult, description: 'Whether it was recorded now.' },
};

defineMutation('recordClick', {
  description:
    'Records a click. If there is a click with this clickId, no other is recorded; if that one has no customer and this call names one, the click is assigned to this customer. Part of revenue tracking. Needs links:create.',
  scope: 'links:create',
  entitlement: 'REVENUE_TRACKING',
  input: clickInput,
  resolve: ({ services, caller }, input) => services.clicks.record(caller, input),
  payload: recorded,
});

defineMutation('recordClicks', {
  description: `Executes recordClick for 1 to ${maxBatch.toLocaleString('en')} items in their order, in one transaction. Safe to repeat if each has a clickId. Part of revenue tracking. Needs links:create.`,
  scope: 'links:create',
  entitlement: 'REVENUE_TRACKING',
  input: recordClicksInput,
  resolve: async ({ services, caller }, input) => ({ results: await services.clicks.recordMany(caller, input) }),
  payload: {
    results: bulkResults<RecordedClick>('RecordClicksItemResult', {
      description: 'The result of one item of recordClicks.',
      fields: recorded,
    }),
  },
});

defineMutation('claimClick', {
  description:
    'Assigns a click that has no customer to a customer. Safe to repeat; a click of another customer is a CONFLICT. Part of revenue tracking. Needs links:update.',
  scope: 'links:update',
  entitlement: 'REVENUE_TRACKING',
  input: claimClickInput,
  resolve: ({ services, caller }, input) => services.clicks.claim(caller, input),
  payload: {
    click: { type: Click, description: 'The click after the change.' },
    result: written(),
  },
});
