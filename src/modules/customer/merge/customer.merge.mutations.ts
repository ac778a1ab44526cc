import { builder } from '../../../graphql/schema/builder.js';
import { defineMutation } from '../../../graphql/schema/mutation.js';
import { Customer } from '../customer.types.js';
import type { CustomerMergeResult } from './customer.merge.js';

const MergeResult = builder.enumType('MergeResult', {
  description: 'What a merge did.',
  values: {
    MERGED: { description: 'The two are one customer now.' },
    UNCHANGED: { description: 'The source had been merged into the target before.' },
  } satisfies Record<CustomerMergeResult['result'], object>,
});

defineMutation('mergeCustomers', {
  description:
    'Makes one customer of two. The target gets the conversations, revenue and tags of the source, and the fields and metadata that it lacks. From then on the id, externalId and e-mail of the source name the target, in every query and mutation. Can be taken back for 30 days. Needs customers:write.',
  scope: 'customers:write',
  input: (t) => ({
    sourceId: t.id({ required: true, description: 'The customer that becomes part of the other.' }),
    targetId: t.id({ required: true, description: 'The customer that stays.' }),
    ifSourceVersion: t.int({ description: 'Refuses the merge when the source is not at this version any more.' }),
    ifTargetVersion: t.int({ description: 'Refuses the merge when the target is not at this version any more.' }),
  }),
  resolve: ({ services, caller }, input) => services.customers.merge(caller, input),
  payload: (t) => ({
    customer: t.field({
      type: Customer,
      nullable: true,
      description: 'The customer that stays, as it is now.',
      resolve: ({ customer }) => customer,
    }),
    result: t.field({
      type: MergeResult,
      nullable: true,
      description: 'What was done.',
      resolve: ({ result }) => result,
    }),
    conversationsMoved: t.int({
      nullable: true,
      description: 'How many conversations the target got.',
      resolve: ({ conversationsMoved }) => conversationsMoved,
    }),
    changedFields: t.stringList({
      nullable: true,
      description: 'The names of the fields of the target that have another value now, revenue and counts aside.',
      resolve: ({ changedFields }) => changedFields,
    }),
  }),
});

defineMutation('unmergeCustomers', {
  description:
    'Takes a merge back, for 30 days: the source is a customer of its own again with the conversations and revenue that it brought, and the target gives up what it got, unless that was changed since. A target that was merged in turn is unmerged first. Needs customers:write.',
  scope: 'customers:write',
  input: (t) => ({
    sourceId: t.id({ required: true, description: 'The customer that was merged into another.' }),
  }),
  resolve: ({ services, caller }, input) => services.customers.unmerge(caller, input),
  payload: (t) => ({
    source: t.field({
      type: Customer,
      nullable: true,
      description: 'The customer that is one of its own again.',
      resolve: ({ source }) => source,
    }),
    target: t.field({
      type: Customer,
      nullable: true,
      description: 'The customer that it had been merged into.',
      resolve: ({ target }) => target,
    }),
    conversationsMoved: t.int({
      nullable: true,
      description: 'How many conversations the source got back.',
      resolve: ({ conversationsMoved }) => conversationsMoved,
    }),
  }),
});
