import { loadVisible } from '../../db/reading/loaders.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { databaseId, node } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { Customer, CustomerSource } from '../customer/customer.types.js';
import { contactList } from './contact.fields.js';

const ContactStatus = builder.enumType('ContactStatus', {
  description: 'Whether a contact shows in the inbox.',
  values: {
    ACTIVE: { description: 'It shows.' },
    ARCHIVED: { description: 'It was put away; lists leave it out unless asked.' },
  },
});

export const Contact = builder.prismaNode('Customer', {
  variant: 'Contact',
  description:
    'A person as the inbox sees it: the one row that Customer shows by identity and revenue. Needs customers:read.',
  ...node({ scope: 'customers:read', load: ({ loaders }, id) => loadVisible(loaders.byId('Customer'), id) }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    customer: t.variant(Customer, { description: 'The same person as a customer.' }),
    email: t.exposeString('email', { nullable: true, description: 'The address; null when it is not known.' }),
    name: t.exposeString('name', { nullable: true, description: 'What the person is called; null when not known.' }),
    phone: t.exposeString('phone', { nullable: true, description: 'The number as it was given; null when not known.' }),
    avatarUrl: t.exposeString('avatarUrl', { nullable: true, description: 'A picture; null when there is none.' }),
    status: t.field({
      type: ContactStatus,
      description: 'Whether the contact shows in the inbox.',
      select: { archivedAt: true },
      resolve: ({ archivedAt }) => (archivedAt === null ? 'ACTIVE' : 'ARCHIVED'),
    }),
    source: t.expose('source', { type: CustomerSource, description: 'How the contact came in.' }),
    tags: t.exposeStringList('tags', { description: 'Labels, each once, in the order they were given.' }),
    conversationCount: t.exposeInt('conversationCount', {
      description: 'How many conversations there are, archived ones too. Kept up to date, so it costs nothing.',
    }),
    lastMessageAt: t.expose('lastMessageAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the latest message was sent in any conversation; null when there is none.',
    }),
    lastMessagePreview: t.exposeString('lastMessagePreview', {
      nullable: true,
      description: 'The beginning of that message; null when there is none.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the contact was created.' }),
  }),
});

builder.prismaObjectField(Customer, 'contact', (t) =>
  t.variant(Contact, { description: 'The same person as the inbox sees it.' }),
);

builder.queryFields((t) => ({
  contact: t.field({
    type: Contact,
    nullable: true,
    description: 'One contact, by exactly one of the arguments; null when there is none. Needs customers:read.',
    authScopes: { scope: 'customers:read' },
    args: {
      id: t.arg.id({ description: 'A global or plain id of the contact or customer.' }),
      email: t.arg.string({ description: 'The e-mail address, whatever its case.' }),
    },
    resolve: (_root, args, { services, caller }) => services.customers.get(caller, args),
  }),
  contacts: t.field({
    type: connectionType('Contact', Contact),
    description: 'The contacts of the inbox; archived ones only when the filter asks for them. Needs customers:read.',
    authScopes: { scope: 'customers:read' },
    args: listArguments(contactList),
    resolve: (_root, args, { services, caller }, info) =>
      services.contacts.list(caller, { ...args, select: selectedInPage(info, 'Contact') }),
  }),
}));
