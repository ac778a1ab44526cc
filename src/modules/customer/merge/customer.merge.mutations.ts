import { builder } from '../../../graphql/schema/builder.js';
import { defineMutation } from '../../../graphql/schema/mutation.js';
import { mergeCustomersInput, unmergeCustomersInput } from '../customer.input.js';
import { Customer } from '../customer.types.js';
import { type CustomerMergeResult, daysToUndo } from './customer.merge.js';

const MergeResult = builder.enumType('MergeResult', {
  description: 'What a merge did.',
  values: {
    MERGED: { description: 'The two are one customer now.' },
    UNCHANGED: { description: 'The source was already merged into the target.' },
  } satisfies Record<CustomerMergeResult['result'], object>,
});

defineMutation('mergeCustomers', {
  description: `Merges two customers. The target gets the conversations, revenue, tags and e-mail addresses of the source, and the values of fields and metadata keys that it does not have. Afterwards the id, externalId and e-mail of the source lead to the target in every query and mutation. unmergeCustomers undoes it within ${daysToUndo} days. Needs customers:write.`,
  scope: 'customers:write',
  input: mergeCustomersInput,
  resolve: ({ services, caller }, input) => services.customers.merge(caller, input),
  payload: {
    customer: { type: Customer, description: 'The target as it is now.' },
    result: { type: MergeResult, description: 'What the mutation did.' },
    conversationsMoved: { type: 'Int', description: 'How many conversations the target got.' },
    changedFields: {
      type: ['String'],
      description: 'The names of the fields of the target whose value changed, without revenue and counts.',
    },
  },
});

defineMutation('unmergeCustomers', {
  description: `Undoes a merge within ${daysToUndo} days. The source is a separate customer again, with the conversations and revenue that it had. The target loses what it got from the source, except values that were changed since. If the target was itself merged later, that merge must be undone first. Needs customers:write.`,
  scope: 'customers:write',
  input: unmergeCustomersInput,
  resolve: ({ services, caller }, input) => services.customers.unmerge(caller, input),
  payload: {
    source: { type: Customer, description: 'The customer that is separate again.' },
    target: { type: Customer, description: 'The customer that it was merged into.' },
    conversationsMoved: { type: 'Int', description: 'How many conversations the source got back.' },
  },
});
