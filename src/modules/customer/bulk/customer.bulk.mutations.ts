import { bulkResults, defineMutation, written } from '../../../graphql/schema/mutation.js';
import { maxBatch, upsertCustomersInput } from '../customer.input.js';
import { Customer } from '../customer.types.js';
import type { CustomerWrite } from '../customer.writes.js';

defineMutation('upsertCustomers', {
  description: `Executes upsertCustomer for 1 to ${maxBatch} items in one transaction, in the order of the input. Each item sees the changes of the items before it. Safe to repeat, also by two callers at the same time. Needs customers:write.`,
  scope: 'customers:write',
  input: upsertCustomersInput,
  resolve: async ({ services, caller }, input) => ({ results: await services.customers.upsertMany(caller, input) }),
  payload: {
    results: bulkResults<CustomerWrite>('UpsertCustomersItemResult', {
      description: 'The result of one item of upsertCustomers.',
      fields: {
        customer: { type: Customer, description: 'The customer after all items were written.' },
        result: written('What the item did.'),
        changedFields: { type: ['String'], description: 'The names of the fields whose value the item changed.' },
      },
    }),
  },
});
