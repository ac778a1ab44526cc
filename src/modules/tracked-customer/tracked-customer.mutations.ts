import { changedFields, defineMutation, type PayloadField, written } from '../../graphql/schema/mutation.js';
import { deletedId, receipt } from '../customer/deletion/customer.deletion.mutations.js';
import {
  deleteTrackedCustomerInput,
  updateTrackedCustomerInput,
  upsertTrackedCustomerInput,
} from './tracked-customer.input.js';
import { TrackedCustomer } from './tracked-customer.types.js';

const customer: PayloadField = { type: TrackedCustomer, description: 'The customer as it is now.' };
const result: PayloadField = written('What was done to the fields of the customer.');

defineMutation('upsertTrackedCustomer', {
  description:
    'Creates the customer with the externalId, or changes its given fields. If nobody has the externalId, a customer without one takes it: the one with the e-mail, else the one that made the click. Safe to repeat, also by two callers at the same time. Part of revenue tracking. Needs links:create.',
  scope: 'links:create',
  entitlement: 'REVENUE_TRACKING',
  input: upsertTrackedCustomerInput,
  resolve: ({ services, caller }, input) => services.trackedCustomers.upsert(caller, input),
  payload: {
    customer,
    result,
    changedFields,
    clickClaimed: {
      type: 'Boolean',
      description: 'Whether the click was assigned to the customer now; null when no clickId was given.',
    },
  },
});

defineMutation('updateTrackedCustomer', {
  description:
    'Changes the given fields of a customer who has an externalId; the others keep their values. Part of revenue tracking. Needs links:update.',
  scope: 'links:update',
  entitlement: 'REVENUE_TRACKING',
  input: updateTrackedCustomerInput,
  resolve: ({ services, caller }, input) => services.trackedCustomers.update(caller, input),
  payload: { customer, result, changedFields },
});

defineMutation('deleteTrackedCustomer', {
  description:
    'Deletes a customer who has an externalId, as deleteCustomer does with SCRUB: personal data is removed and no query finds the customer; clicks, conversions and conversations remain for the statistics. Part of revenue tracking. Needs links:delete.',
  scope: 'links:delete',
  entitlement: 'REVENUE_TRACKING',
  input: deleteTrackedCustomerInput,
  resolve: ({ services, caller }, input) => services.trackedCustomers.delete(caller, input),
  payload: { deletedId, receipt },
});
