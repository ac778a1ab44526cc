import { builder } from '../../graphql/schema/builder.js';
import { defineMutation, UserError, userErrorsOf } from '../../graphql/schema/mutation.js';
import type { ItemOutcome } from '../../lib/values/batch.js';
import { ErrorPolicy } from '../customer/bulk/customer.bulk.mutations.js';
import type { InputBuilder } from '../customer/customer.fields.types.js';
import { WriteResult } from '../customer/customer.mutations.js';
import type { RecordedClick } from './click.recording.js';
import { Click } from './click.types.js';

export const RecordResult = builder.enumType('RecordResult', {
  description: 'What became of something that happened and was told to the ledger.',
  values: {
    RECORDED: { description: 'It was not known before.' },
    DUPLICATE: { description: 'It had been recorded before, and is what was recorded then.' },
  } satisfies Record<RecordedClick['result'], object>,
});

/** How a click or a conversion names its customer. */
export const customerNameInputs = (t: InputBuilder) => ({
  customerId: t.id({ description: 'The customer; then neither externalId nor email.' }),
  externalId: t.string({
    description: "The workspace's own id for the customer, who is created when there is none with it.",
  }),
  email: t.string({
    description: 'The address of the customer, who is created when nobody has it and no externalId leads elsewhere.',
  }),
});

const clickInputs = (t: InputBuilder) => ({
  ...customerNameInputs(t),
  clickId: t.string({
    description: 'Its name for others, at most 255 characters, unique; the plain id when left out.',
  }),
  linkId: t.id({ description: 'The link that was clicked.' }),
  campaignId: t.id({ description: 'Its campaign; that of the link when left out.' }),
  utmSource: t.string({ description: 'The utm_source of the URL, at most 255 characters.' }),
  utmMedium: t.string({ description: 'The utm_medium of the URL, at most 255 characters.' }),
  utmCampaign: t.string({ description: 'The utm_campaign of the URL, at most 255 characters.' }),
  referrer: t.string({ description: 'The http or https URL of the page it came from.' }),
  url: t.string({ description: 'The http or https URL of the page it led to.' }),
  occurredAt: t.field({ type: 'DateTime', description: 'When it happened, from 1970 to now; now when left out.' }),
});

defineMutation('recordClick', {
  description:
    'Records a click. One whose clickId is known is not recorded again; if nobody is known to have made it, and a customer is named now, it is that customer’s. Part of revenue tracking. Needs links:create.',
  scope: 'links:create',
  entitlement: 'REVENUE_TRACKING',
  input: clickInputs,
  resolve: ({ services, caller }, input) => services.clicks.record(caller, input),
  payload: (t) => ({
    click: t.field({
      type: Click,
      nullable: true,
      description: 'The click, the one of before when it is a duplicate.',
      resolve: ({ click }) => click,
    }),
    result: t.field({
      type: RecordResult,
      nullable: true,
      description: 'Whether it was recorded now.',
      resolve: ({ result }) => result,
    }),
  }),
});

const RecordClicksItem = builder.inputType('RecordClicksItem', {
  description: 'One click of a batch.',
  fields: clickInputs,
});

const RecordClicksItemResult = builder.objectRef<ItemOutcome<RecordedClick>>('RecordClicksItemResult').implement({
  description: 'What became of one click of a batch.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'The place of the item in the input, from 0.' }),
    click: t.field({
      type: Click,
      nullable: true,
      description: 'The click, the one of before when it is a duplicate; null when the item was refused.',
      resolve: ({ value }) => value?.click,
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

defineMutation('recordClicks', {
  description:
    'Does recordClick for 1 to 1,000 items in their order, in one transaction. Safe to repeat where each has a clickId. Part of revenue tracking. Needs links:create.',
  scope: 'links:create',
  entitlement: 'REVENUE_TRACKING',
  input: (t) => ({
    clicks: t.field({ type: [RecordClicksItem], required: true, description: 'The clicks, 1 to 1,000.' }),
    errorPolicy: t.field({
      type: ErrorPolicy,
      required: true,
      description: 'Whether an item that cannot be recorded holds up the others.',
    }),
  }),
  resolve: async ({ services, caller }, input) => ({ results: await services.clicks.recordMany(caller, input) }),
  payload: (t) => ({
    results: t.field({
      type: [RecordClicksItemResult],
      nullable: true,
      description: 'What became of each item, in their order.',
      resolve: ({ results }) => results,
    }),
  }),
});

defineMutation('claimClick', {
  description:
    'Says who made a click that belongs to nobody yet. Safe to repeat; a click of somebody else is a CONFLICT. Part of revenue tracking. Needs links:update.',
  scope: 'links:update',
  entitlement: 'REVENUE_TRACKING',
  input: (t) => ({
    clickId: t.string({ required: true, description: 'The name that the click was given.' }),
    customerId: t.id({ required: true, description: 'Who made it.' }),
  }),
  resolve: ({ services, caller }, input) => services.clicks.claim(caller, input),
  payload: (t) => ({
    click: t.field({
      type: Click,
      nullable: true,
      description: 'The click as it is now.',
      resolve: ({ click }) => click,
    }),
    result: t.field({
      type: WriteResult,
      nullable: true,
      description: 'What was done.',
      resolve: ({ result }) => result,
    }),
  }),
});
