import { builder } from '../../../graphql/schema/builder.js';
import { defineMutation, UserError, userErrorsOf } from '../../../graphql/schema/mutation.js';
import { customerFieldInputs } from '../customer.fields.types.js';
import { WriteResult } from '../customer.mutations.js';
import { Customer } from '../customer.types.js';
import type { UpsertedItem } from './customer.bulk.js';

export const ErrorPolicy = builder.enumType('ErrorPolicy', {
  description: 'What becomes of the other items of a batch when one cannot be written.',
  values: {
    ALL_OR_NOTHING: {
      description:
        'Nothing is written; userErrors of the payload tells what is wrong with the items, at most the first 100 mistakes.',
    },
    PER_ITEM: { description: 'The others are written; each item tells its own userErrors.' },
  },
});

const UpsertCustomersItem = builder.inputType('UpsertCustomersItem', {
  description: 'One customer of a batch, named as in upsertCustomer: by id, else externalId, else email.',
  fields: (t) => ({
    id: t.id({ description: 'The customer to change, which must exist.' }),
    ...customerFieldInputs(t),
  }),
});

const UpsertCustomersItemResult = builder.objectRef<UpsertedItem>('UpsertCustomersItemResult').implement({
  description: 'What became of one item of a batch.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'The place of the item in the input, from 0.' }),
    customer: t.field({
      type: Customer,
      nullable: true,
      description: 'The customer as the whole batch left it; null when the item was refused.',
      resolve: ({ customer }) => customer,
    }),
    result: t.expose('result', {
      type: WriteResult,
      nullable: true,
      description: 'What the item did; null when it was refused.',
    }),
    changedFields: t.exposeStringList('changedFields', {
      nullable: true,
      description: 'The names of the fields that the item gave another value; null when it was refused.',
    }),
    userErrors: t.field({
      type: [UserError],
      description: 'Why the item was refused, with paths from the input of the mutation; empty when it was not.',
      resolve: ({ errors }) => userErrorsOf(errors),
    }),
  }),
});

defineMutation('upsertCustomers', {
  description:
    'Does upsertCustomer for 1 to 250 items in their order, each seeing what those before it did, in one transaction. Safe to repeat, also by two callers at once. Needs customers:write.',
  scope: 'customers:write',
  input: (t) => ({
    customers: t.field({ type: [UpsertCustomersItem], required: true, description: 'The customers, 1 to 250.' }),
    errorPolicy: t.field({
      type: ErrorPolicy,
      required: true,
      description: 'Whether an item that cannot be written holds up the others.',
    }),
  }),
  resolve: ({ services, caller }, input) => services.customers.upsertMany(caller, input),
  payload: (t) => ({
    results: t.field({
      type: [UpsertCustomersItemResult],
      nullable: true,
      description: 'What became of each item, in their order.',
      resolve: ({ results }) => results,
    }),
  }),
});
