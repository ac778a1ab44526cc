import { defineMutation } from '../../graphql/schema/mutation.js';
import { type InputBuilder, ifVersionInput } from '../customer/customer.fields.types.js';
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

defineMutation('updateContact', {
  description: 'Changes the given fields of a contact; what is left out stays as it is. Needs customers:write.',
  scope: 'customers:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The contact or customer.' }),
    email: t.string({ description: 'The address, unique in the workspace whatever its case; null empties it.' }),
    name: t.string({ description: 'What the person is called, at most 255 characters; null empties it.' }),
    phone: t.string({ description: 'A number in any form, at most 64 characters; null empties it.' }),
    avatarUrl: t.string({ description: 'The http or https URL of a picture; null empties it.' }),
    tags: t.stringList({ description: 'All tags from now on: at most 50 of at most 64 characters.' }),
    ifVersion: ifVersionInput(t),
  }),
  resolve: ({ services, caller }, input) => services.customers.updateContact(caller, input),
  payload: (t) => ({
    contact: t.field({
      type: Contact,
      nullable: true,
      description: 'The contact as it is now.',
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

const archiveInputs = (t: InputBuilder) => ({
  id: t.id({ required: true, description: 'The contact or customer.' }),
  ifVersion: ifVersionInput(t),
});

defineMutation('archiveContact', {
  description: 'Puts a contact away: lists of contacts leave it out unless asked. Needs customers:write.',
  scope: 'customers:write',
  input: archiveInputs,
  resolve: ({ services, caller }, input) => services.customers.archiveContact(caller, input, true),
  payload: (t) => ({
    contact: t.field({
      type: Contact,
      nullable: true,
      description: 'The contact, archived.',
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

defineMutation('restoreContact', {
  description: 'Shows an archived contact in the inbox again. Needs customers:write.',
  scope: 'customers:write',
  input: archiveInputs,
  resolve: ({ services, caller }, input) => services.customers.archiveContact(caller, input, false),
  payload: (t) => ({
    contact: t.field({
      type: Contact,
      nullable: true,
      description: 'The contact, not archived.',
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
