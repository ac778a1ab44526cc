import { loadVisible } from '../../db/reading/loaders.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { databaseId, node } from '../../graphql/schema/node.js';
import { belowPage, selectedInPage } from '../../graphql/schema/selection.js';
import { addDeskFields, addPersonFields, Customer, CustomerSource } from '../customer/customer.types.js';
import { contactList } from './contact.fields.js';

const ContactStatus = builder.enumType('ContactStatus', {
  description: 'Whether the inbox shows a contact.',
  values: {
    ACTIVE: { description: 'The inbox shows it.' },
    ARCHIVED: { description: 'It is archived: lists leave it out unless the filter asks for archived ones.' },
  },
});

export const Contact = builder.prismaNode('Customer', {
  variant: 'Contact',
  description:
    'A person as it appears in the inbox. Customer shows the same person with identity and revenue. Needs customers:read.',
  ...node({ scope: 'customers:read', load: ({ loaders }, id) => loadVisible(loaders.byId('Customer'), id) }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    customer: t.variant(Customer, { description: 'The same person as a customer.' }),
    email: t.exposeString('email', { nullable: true, description: 'The primary address; null when not known.' }),
    otherEmails: t.exposeStringList('otherEmails', {
      description: 'Further addresses. Mails from them are of this contact too.',
    }),
    status: t.field({
      type: ContactStatus,
      description: 'Whether the inbox shows the contact.',
      select: { archivedAt: true },
      resolve: ({ archivedAt }) => (archivedAt === null ? 'ACTIVE' : 'ARCHIVED'),
    }),
    source: t.expose('source', { type: CustomerSource, description: 'How the contact was added.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the contact was created.' }),
  }),
});

addPersonFields(Contact);
addDeskFields(Contact);

builder.prismaObjectField(Customer, 'contact', (t) =>
  t.variant(Contact, { description: 'The same person as it appears in the inbox.' }),
);

/** The keys of a contact. An argument takes exactly one of them. */
const keys = {
  id: { description: 'A global or plain id of the contact or customer.' },
  email: { description: 'The e-mail address, regardless of case.' },
};

const ContactBy = builder.inputType('ContactByInput', {
  description: 'Identifies one contact by exactly one of the fields.',
  isOneOf: true,
  fields: (t) => ({ id: t.id(keys.id), email: t.string(keys.email) }),
});

const latestBelow = belowPage({ parent: 'Contact', field: 'latestConversation' });

builder.queryFields((t) => ({
  contactBy: t.field({
    type: Contact,
    nullable: true,
    description:
      'One contact, as contact returns it, with its key as one input object; null when there is none. Needs customers:read.',
    authScopes: { scope: 'customers:read' },
    args: { by: t.arg({ type: ContactBy, required: true, description: 'The key of the contact.' }) },
    resolve: (_root, { by }, { services, caller }) => services.customers.getBy(caller, by),
  }),
  contact: t.field({
    type: Contact,
    nullable: true,
    description: 'One contact, found by exactly one of the arguments; null when there is none. Needs customers:read.',
    authScopes: { scope: 'customers:read' },
    args: { id: t.arg.id(keys.id), email: t.arg.string(keys.email) },
    resolve: (_root, args, { services, caller }) => services.customers.get(caller, args),
  }),
  contacts: t.field({
    type: connectionType('Contact', Contact),
    description: 'The contacts of the inbox, archived ones only when the filter asks for them. Needs customers:read.',
    authScopes: { scope: 'customers:read' },
    args: listArguments(contactList),
    resolve(_root, args, { services, caller, loaders }, info) {
      const latest = latestBelow(info);
      const nested = latest && loaders.conversations.latestOfCustomer(latest).nested();
      return services.contacts.list(caller, { ...args, select: selectedInPage(info, 'Contact'), nested });
    },
  }),
}));
