import { builder } from '../../graphql/schema/builder.js';
import { changedFields, defineMutation, type PayloadField, written } from '../../graphql/schema/mutation.js';
import { maxTags } from '../../lib/values/tags.js';
import {
  createCustomerInput,
  customerTagsInput,
  setCustomerStatusInput,
  updateCustomerInput,
  upsertCustomerInput,
} from './customer.input.js';
import type { CreatedCustomer } from './customer.service.js';
import { Customer } from './customer.types.js';

const CreateCustomerResult = builder.enumType('CreateCustomerResult', {
  description: 'How a customer was created.',
  values: {
    CREATED: { description: 'The customer is new.' },
    ADOPTED: {
      description: 'A contact without an externalId had the e-mail. It is the customer now, with its history.',
    },
  } satisfies Record<CreatedCustomer['result'], object>,
});

defineMutation('createCustomer', {
  description:
    'Creates a customer. A contact that has the e-mail and no externalId becomes the customer when an externalId is given; if another customer has the externalId or the e-mail, the error is a CONFLICT with its id. Needs customers:write.',
  scope: 'customers:write',
  input: createCustomerInput,
  resolve: ({ services, caller }, input) => services.customers.create(caller, input),
  payload: {
    customer: { type: Customer, description: 'The new customer, or the adopted contact as it is now.' },
    result: { type: CreateCustomerResult, description: 'Whether the customer is new or adopted.' },
    changedFields: {
      type: ['String'],
      description: 'The names of the given fields; for an adopted contact, of those whose value changed.',
    },
  },
});

const customer: PayloadField = { type: Customer, description: 'The customer as it is now.' };

defineMutation('upsertCustomer', {
  description:
    'Creates the customer, or changes the given fields of the existing one, found by id, else by externalId, else by email. Safe to repeat, also by two callers at the same time. Needs customers:write.',
  scope: 'customers:write',
  input: upsertCustomerInput,
  resolve: ({ services, caller }, input) => services.customers.upsert(caller, input),
  payload: { customer, result: written(), changedFields },
});

defineMutation('updateCustomer', {
  description: 'Changes the given fields of a customer; the others keep their values. Needs customers:write.',
  scope: 'customers:write',
  input: updateCustomerInput,
  resolve: ({ services, caller }, input) => services.customers.update(caller, input),
  payload: { customer, result: written(), changedFields },
});

defineMutation('setCustomerStatus', {
  description: 'Suspends a customer, or ends the suspension. Needs customers:write.',
  scope: 'customers:write',
  input: setCustomerStatusInput,
  resolve: ({ services, caller }, input) => services.customers.setStatus(caller, input),
  payload: { customer, result: written() },
});

defineMutation('addCustomerTags', {
  description: `Adds tags at the end of the list; tags that the customer already has keep their place. A customer has at most ${maxTags}. Safe to repeat, also while others change tags. Needs customers:write.`,
  scope: 'customers:write',
  input: customerTagsInput,
  resolve: ({ services, caller }, input) => services.customers.addTags(caller, input),
  payload: { customer, result: written() },
});

defineMutation('removeCustomerTags', {
  description:
    'Removes tags; tags that the customer does not have are ignored. Safe to repeat, also while others change tags. Needs customers:write.',
  scope: 'customers:write',
  input: customerTagsInput,
  resolve: ({ services, caller }, input) => services.customers.removeTags(caller, input),
  payload: { customer, result: written() },
});
