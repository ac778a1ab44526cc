import { inBaseCurrency, Money } from '../../graphql/schema/money.js';
import { defineMutation } from '../../graphql/schema/mutation.js';
import { onlyIdentifiedInput } from '../customer/customer.fields.types.js';
import { Customer } from '../customer/customer.types.js';
import { TrackedCustomer } from '../tracked-customer/tracked-customer.types.js';

defineMutation('recalculateCustomerLtv', {
  description:
    'Computes the lifetime value of a customer, the number of sales and the time of the first one from the ledger anew. They are kept up to date anyway, so the drift is 0 unless somebody wrote to the database by other ways. Part of revenue tracking. Needs links:update.',
  scope: 'links:update',
  entitlement: 'REVENUE_TRACKING',
  input: (t) => ({
    id: t.id({ description: 'The customer; then no externalId.' }),
    externalId: t.string({ description: "The workspace's own id for the customer; then no id." }),
    onlyIdentified: onlyIdentifiedInput(t),
  }),
  resolve: ({ services, caller }, input) => services.analytics.recalculate(caller, input),
  payload: (t) => ({
    customer: t.field({
      type: Customer,
      nullable: true,
      description: 'The customer as it is now. Needs customers:read.',
      authScopes: { scope: 'customers:read' },
      resolve: ({ customer }) => customer,
    }),
    trackedCustomer: t.field({
      type: TrackedCustomer,
      nullable: true,
      description: 'The same as revenue tracking sees it; null for one without an externalId.',
      resolve: ({ customer }) => (customer?.externalId == null ? null : customer),
    }),
    before: t.field({
      type: Money,
      nullable: true,
      description: 'The lifetime value as it was kept.',
      resolve: ({ beforeMinor }, _args, context) =>
        beforeMinor === undefined ? null : inBaseCurrency(context, beforeMinor),
    }),
    after: t.field({
      type: Money,
      nullable: true,
      description: 'The lifetime value as the ledger has it, which is kept from now on.',
      resolve: ({ afterMinor }, _args, context) =>
        afterMinor === undefined ? null : inBaseCurrency(context, afterMinor),
    }),
    drift: t.field({
      type: Money,
      nullable: true,
      description: 'What was missing: after less before.',
      resolve: ({ beforeMinor, afterMinor }, _args, context) =>
        beforeMinor === undefined || afterMinor === undefined
          ? null
          : inBaseCurrency(context, afterMinor - beforeMinor),
    }),
  }),
});
