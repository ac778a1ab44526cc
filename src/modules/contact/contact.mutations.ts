import { changedFields, defineMutation, written } from '../../graphql/schema/mutation.js';
import { contactInput, createContactInput, updateContactInput } from '../customer/customer.input.js';
import type { CustomerWrite } from '../customer/customer.writes.js';
import { Contact } from './contact.types.js';

const contact = {
  type: Contact,
  description: 'The contact as it is now.',
  resolve: ({ customer }: CustomerWrite) => customer,
};

defineMutation('createContact', {
  description:
    'Creates a contact, or returns the contact that already has the e-mail address, unchanged. Safe to repeat. Needs customers:write.',
  scope: 'customers:write',
  input: createContactInput,
  resolve: ({ services, caller }, input) => services.customers.createContact(caller, input),
  payload: {
    result: written('CREATED, or UNCHANGED when a contact has the address already.'),
  },
  computed: { contact },
});

defineMutation('updateContact', {
  description: 'Changes the given fields of a contact; the others keep their values. Needs customers:write.',
  scope: 'customers:write',
  input: updateContactInput,
  resolve: ({ services, caller }, input) => services.customers.updateContact(caller, input),
  payload: { result: written(), changedFields },
  computed: { contact },
});

defineMutation('archiveContact', {
  description:
    'Archives a contact: lists of contacts do not show it unless the filter asks for archived ones. Needs customers:write.',
  scope: 'customers:write',
  input: contactInput,
  resolve: ({ services, caller }, input) => services.customers.archiveContact(caller, input, true),
  payload: { result: written() },
  computed: { contact },
});

defineMutation('restoreContact', {
  description: 'Shows an archived contact in the inbox again. Needs customers:write.',
  scope: 'customers:write',
  input: contactInput,
  resolve: ({ services, caller }, input) => services.customers.archiveContact(caller, input, false),
  payload: { result: written() },
  computed: { contact },
});
