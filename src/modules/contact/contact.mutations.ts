import { defineMutation } from '../../graphql/mutation.js';
import { WriteResult } from '../customer/customer.mutations.js';
import { Contact } from './contact.types.js';

defineMutation('createContact', {
  description:
    'Creates a contact, or answers the one that has the e-mail address already, unchanged. Safe to repeat. Needs customers:write.',
  scope: 'customers:write',
  input: (t) => ({
    email: t.string({ required: true, description: 'The address, unique in the workspace whatever its case.' }),
    name: t.string({ description: 'What the person is called, at most 255 characters.' }),
    phone: t.string({ description: 'A number in any form, at most 64 characters.' }),
    avatarUrl: t.string({ description: 'The http or https URL of a picture.' }),
  }),
  resolve: ({ services, caller }, input) => services.customers.createContact(caller, input),
  payload: (t) => ({
    contact: t.field({
      type: Contact,
      nullable: true,
      description: 'The contact that has the address now.',
      resolve: ({ customer }) => customer,
    }),
    result: t.field({
      type: WriteResult,
      nullable: true,
      description: 'CREATED, or UNCHANGED when there was one.',
      resolve: ({ result }) => result,
    }),
  }),
});
