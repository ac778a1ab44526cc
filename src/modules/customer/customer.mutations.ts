import { builder } from '../../graphql/schema/builder.js';
import { defineMutation, type PayloadBuilder } from '../../graphql/schema/mutation.js';
import type { ChangedCustomer } from './customer.change.js';
import {
  customerFieldInputs,
  type InputBuilder,
  ifVersionInput,
  onlyIdentifiedInput,
} from './customer.fields.types.js';
import type { CreatedCustomer, CustomerTagsInput } from './customer.service.js';
import { Customer, CustomerStatus } from './customer.types.js';
import type { CustomerWrite, WriteResult as WriteResultValue } from './customer.writes.js';

export const WriteResult = builder.enumType('WriteResult', {
  description: 'What a write did.',
  values: {
    CREATED: { description: 'There was none; there is one now.' },
    UPDATED: { description: 'At least one field has another value now.' },
    UNCHANGED: { description: 'Everything was as asked already, so nothing was written.' },
  } satisfies Record<WriteResultValue, object>,
});

const CreateCustomerResult = builder.enumType('CreateCustomerResult', {
  description: 'How a customer came to be.',
  values: {
    CREATED: { description: 'It is a new one.' },
    ADOPTED: {
      description: 'A contact without an externalId had the e-mail; it is the customer now, with its history.',
    },
  } satisfies Record<CreatedCustomer['result'], object>,
});

defineMutation('createCustomer', {
  description:
    'Creates a customer. A contact that has the e-mail and no externalId yet becomes the customer when an externalId is given; any other holder of the externalId or e-mail is a CONFLICT that names it. Needs customers:write.',
  scope: 'customers:write',
  input: customerFieldInputs,
  resolve: ({ services, caller }, input) => services.customers.create(caller, input),
  payload: (t) => ({
    customer: t.field({
      type: Customer,
      nullable: true,
      description: 'The new customer, or the adopted one as it is now.',
      resolve: ({ customer }) => customer,
    }),
    result: t.field({
      type: CreateCustomerResult,
      nullable: true,
      description: 'Whether it is new or was adopted.',
      resolve: ({ result }) => result,
    }),
    changedFields: t.stringList({
      nullable: true,
      description: 'The names of the given fields; for an adopted one of those that have another value now.',
      resolve: ({ changedFields }) => changedFields,
    }),
  }),
});

/** What a change of given fields answers. */
const changed = (t: PayloadBuilder<CustomerWrite>) => ({
  customer: t.field({
    type: Customer,
    nullable: true,
    description: 'The customer as it is now.',
    resolve: ({ customer }) => customer,
  }),
  result: t.field({
    type: WriteResult,
    nullable: true,
    description: 'What was done.',
    resolve: ({ result }) => result,
  }),
  changedFields: t.stringList({
    nullable: true,
    description: 'The names of the fields that have another value now.',
    resolve: ({ changedFields }) => changedFields,
  }),
});

defineMutation('upsertCustomer', {
  description:
    'Creates the customer, or changes the given fields of the one that id, else externalId, else email names. Safe to repeat, also by two callers at once. Needs customers:write.',
  scope: 'customers:write',
  input: (t) => ({
    id: t.id({ description: 'The customer to change, which must exist.' }),
    ...customerFieldInputs(t),
  }),
  resolve: ({ services, caller }, input) => services.customers.upsert(caller, input),
  payload: changed,
});

defineMutation('updateCustomer', {
  description: 'Changes the given fields of a customer; what is left out stays as it is. Needs customers:write.',
  scope: 'customers:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The customer.' }),
    ...customerFieldInputs(t),
    ifVersion: ifVersionInput(t),
    onlyIdentified: onlyIdentifiedInput(t),
  }),
  resolve: ({ services, caller }, input) => services.customers.update(caller, input),
  payload: changed,
});

defineMutation('setCustomerStatus', {
  description: 'Suspends a customer, or ends the suspension. Needs customers:write.',
  scope: 'customers:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The customer.' }),
    status: t.field({ type: CustomerStatus, required: true, description: 'The status from now on.' }),
    ifVersion: ifVersionInput(t),
  }),
  resolve: ({ services, caller }, input) => services.customers.setStatus(caller, input),
  payload: (t) => ({
    customer: t.field({
      type: Customer,
      nullable: true,
      description: 'The customer as it is now.',
      resolve: ({ customer }) => customer,
    }),
    result: t.field({
      type: WriteResult,
      nullable: true,
      description: 'What was done.',
      resolve: ({ result }) => result,
    }),
  }),
});

const tagInputs = (what: string) => (t: InputBuilder) => ({
  id: t.id({ required: true, description: 'The customer.' }),
  tags: t.stringList({ required: true, description: `${what}, at most 50 of at most 64 characters.` }),
});

/** What a change of one kind answers. */
const done = (t: PayloadBuilder<ChangedCustomer>) => ({
  customer: t.field({
    type: Customer,
    nullable: true,
    description: 'The customer with its tags as they are now.',
    resolve: ({ customer }) => customer,
  }),
  result: t.field({
    type: WriteResult,
    nullable: true,
    description: 'What was done.',
    resolve: ({ result }) => result,
  }),
});

defineMutation('addCustomerTags', {
  description:
    'Adds tags behind those that are there; one that is there already stays where it is. A customer has at most 50. Safe to repeat, and beside others who change tags. Needs customers:write.',
  scope: 'customers:write',
  input: tagInputs('The tags to add'),
  resolve: ({ services, caller }, input) => services.customers.addTags(caller, input as CustomerTagsInput),
  payload: done,
});

defineMutation('removeCustomerTags', {
  description:
    'Removes tags; those that are not there do no harm. Safe to repeat, and beside others who change tags. Needs customers:write.',
  scope: 'customers:write',
  input: tagInputs('The tags to remove'),
  resolve: ({ services, caller }, input) => services.customers.removeTags(caller, input as CustomerTagsInput),
  payload: done,
});
