import { builder } from '../../graphql/builder.js';
import { defineMutation } from '../../graphql/mutation.js';
import type { WriteResult as WriteResultValue } from './customer.service.js';
import { Customer, CustomerStatus, Sentiment } from './customer.types.js';

export const WriteResult = builder.enumType('WriteResult', {
  description: 'What a write did.',
  values: {
    CREATED: { description: 'There was none; there is one now.' },
    UPDATED: { description: 'At least one field has another value now.' },
    UNCHANGED: { description: 'Everything was as asked already, so nothing was written.' },
  } satisfies Record<WriteResultValue, object>,
});

defineMutation('upsertCustomer', {
  description:
    'Creates the customer, or changes the given fields of the one that id, else externalId, else email names. Safe to repeat, also by two callers at once. Needs customers:write.',
  scope: 'customers:write',
  input: (t) => ({
    id: t.id({ description: 'The customer to change, which must exist.' }),
    externalId: t.string({ description: "The workspace's own id. A customer known by e-mail alone takes it." }),
    email: t.string({ description: 'The address, unique in the workspace whatever its case; null empties it.' }),
    name: t.string({ description: 'What the person is called, at most 255 characters; null empties it.' }),
    phone: t.string({ description: 'A number in any form, at most 64 characters; null empties it.' }),
    avatarUrl: t.string({ description: 'The http or https URL of a picture; null empties it.' }),
    status: t.field({ type: CustomerStatus, description: 'Whether the customer is suspended.' }),
    sentiment: t.field({ type: Sentiment, description: 'The mood.' }),
    notes: t.string({ description: 'Notes for agents, at most 10,000 characters; null empties them.' }),
    tags: t.stringList({ description: 'All tags from now on: at most 50 of at most 64 characters.' }),
    metadata: t.field({
      type: 'JSONObject',
      description: 'Merged into what is stored at the top level; a null value removes its key. At most 16 KiB in all.',
    }),
  }),
  resolve: ({ services, caller }, input) => services.customers.upsert(caller, input),
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
    changedFields: t.stringList({
      nullable: true,
      description: 'The names of the fields that have another value now.',
      resolve: ({ changedFields }) => changedFields,
    }),
  }),
});
