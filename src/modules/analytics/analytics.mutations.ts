import { inBaseCurrency, Money } from '../../graphql/schema/money.js';
import { defineMutation } from '../../graphql/schema/mutation.js';
import { scoped } from '../../graphql/schema/scopes.js';
import { Customer } from '../customer/customer.types.js';
import { TrackedCustomer } from '../tracked-customer/tracked-customer.types.js';
import { recalculateCustomerLtvInput } from './analytics.input.js';

defineMutation('recalculateCustomerLtv', {
  description:
    'Computes the lifetime value, the number of sales and the time of the first sale of a customer from the conversions again. Every write keeps them up to date, so the drift is 0 unless someone changed the database directly. Part of revenue tracking. Needs links:update or links:create.',
  scope: ['links:update', 'links:create'],
  entitlement: 'REVENUE_TRACKING',
  input: recalculateCustomerLtvInput,
  resolve: ({ services, caller }, input) => services.analytics.recalculate(caller, input),
  payload: {
    customer: {
      type: Customer,
      description: 'The customer as it is now. Needs customers:read.',
    },
  },
  computed: {
    trackedCustomer: {
      type: TrackedCustomer,
      description:
        'The same customer in revenue tracking; null for a customer without an externalId. Needs links:read.',
      resolve: ({ customer }) => (customer.externalId === null ? null : customer),
    },
    before: {
      type: Money,
      description: 'The stored lifetime value before. Needs analytics:read.',
      ...scoped('analytics:read'),
      resolve: ({ beforeMinor }, context) => inBaseCurrency(context, beforeMinor),
    },
    after: {
      type: Money,
      description: 'The computed lifetime value, which is stored now. Needs analytics:read.',
      ...scoped('analytics:read'),
      resolve: ({ afterMinor }, context) => inBaseCurrency(context, afterMinor),
    },
    drift: {
      type: Money,
      description: 'The correction: after minus before.',
      resolve: ({ beforeMinor, afterMinor }, context) => inBaseCurrency(context, afterMinor - beforeMinor),
    },
  },
});
