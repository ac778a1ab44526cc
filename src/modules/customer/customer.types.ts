import { loadVisible } from '../../db/reading/loaders.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments, offsetArgument } from '../../graphql/schema/connection.js';
import { defineEnum } from '../../graphql/schema/enums.js';
import { inBaseCurrency, Money } from '../../graphql/schema/money.js';
import { databaseId, node, updatedAt, version } from '../../graphql/schema/node.js';
import { scoped } from '../../graphql/schema/scopes.js';
import { belowPage, selectedInPage } from '../../graphql/schema/selection.js';
import { customerList } from './customer.fields.js';
import { foreignColumns } from './customer.record.js';

export const CustomerStatus = defineEnum('CustomerStatus', {
  description: 'Whether a customer may use the products of the workspace.',
  values: {
    ACTIVE: { description: 'The customer has normal access.' },
    SUSPENDED: { description: 'The customer has no access for now.' },
  },
});

export const Sentiment = defineEnum('Sentiment', {
  description: 'The mood of a customer, as agents judge it.',
  values: {
    HAPPY: { description: 'Content.' },
    NEUTRAL: { description: 'Neither content nor annoyed; the initial value.' },
    FRUSTRATED: { description: 'Annoyed.' },
    ANGRY: { description: 'Very annoyed.' },
  },
});

export const CustomerSource = defineEnum('CustomerSource', {
  description: 'How a customer was added to the workspace.',
  values: {
    EMAIL: { description: 'By an e-mail that the customer sent.' },
    CHAT: { description: 'By a chat that the customer started.' },
    API: { description: 'By a program, through the API.' },
    FORM: { description: 'By a form that the customer filled in.' },
    IMPORT: { description: 'By the import of a file.' },
  },
});

export const Customer = builder.prismaNode('Customer', {
  description:
    'A person, with identity and revenue. Contact shows the same person as it appears in the inbox. Needs customers:read.',
  ...node({ scope: 'customers:read', load: ({ loaders }, id) => loadVisible(loaders.byId('Customer'), id) }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    uuid: t.exposeString('uuid', {
      description: 'A UUID of the customer. Queries and mutations of a single customer accept it as the id.',
    }),
    externalId: t.exposeString('externalId', {
      nullable: true,
      description: "The workspace's own id of the customer, unique in the workspace; null when not known.",
    }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'The primary address, unique in the workspace regardless of case; null when not known.',
    }),
    otherEmails: t.exposeStringList('otherEmails', {
      description: 'Further addresses, which find the customer as the primary one does. Unique in the workspace too.',
    }),
    status: t.expose('status', { type: CustomerStatus, description: 'Whether the customer is suspended.' }),
    sentiment: t.expose('sentiment', { type: Sentiment, description: 'The mood, as agents judge it.' }),
    notes: t.exposeString('notes', {
      nullable: true,
      description: 'Notes of agents, never shown to the customer; null when there are none.',
    }),
    source: t.expose('source', { type: CustomerSource, description: 'How the customer was added.' }),
    archivedAt: t.expose('archivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the contact was archived; null when it is not.',
    }),
    mergedIds: t.idList({
      select: { id: true },
      description:
        'The plain ids of the customers that were merged into this one. Each of them still leads to this one.',
      resolve: ({ id }, _args, { loaders }) => loaders.customers.mergedIds.load(id),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the customer was created.' }),
  }),
});

/** Customer, or another type that shows the same person. */
type View = typeof Customer;

/** Adds the fields that all types of a person have. */
export function addPersonFields(view: View): void {
  builder.prismaObjectFields(view, (t) => ({
    name: t.exposeString('name', { nullable: true, description: 'The name of the person; null when not known.' }),
    phone: t.exposeString('phone', {
      nullable: true,
      description: 'The phone number as it was given; null when not known.',
    }),
    phoneE164: t.exposeString('phoneE164', {
      nullable: true,
      description:
        'The phone number as E.164, such as "+14157770288"; null when it is not a phone number, or has no country code and the workspace has no defaultCountry.',
    }),
    avatarUrl: t.exposeString('avatarUrl', {
      nullable: true,
      description: 'The URL of a picture; null when there is none.',
    }),
  }));
}

/** Adds the fields that the types of the support desk have. */
export function addDeskFields(view: View): void {
  builder.prismaObjectFields(view, (t) => ({
    tags: t.exposeStringList('tags', {
      description: 'Labels without duplicates, in the order in which they were added.',
    }),
    conversationCount: t.exposeInt('conversationCount', {
      description: 'The number of conversations, including archived ones. It is stored, so it needs no counting.',
    }),
    lastMessageAt: t.expose('lastMessageAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the latest message of all conversations was sent; null when there is none.',
    }),
    lastMessagePreview: t.exposeString('lastMessagePreview', {
      nullable: true,
      description: 'The beginning of the latest message; null when there is none. Needs conversations:read.',
      ...scoped(foreignColumns.lastMessagePreview),
    }),
  }));
}

/** Adds the fields that the types with revenue have. */
export function addRevenueFields(view: View): void {
  builder.prismaObjectFields(view, (t) => ({
    metadata: t.expose('metadata', {
      type: 'JSONObject',
      description: "The workspace's own data about the customer.",
    }),
    ltv: t.field({
      type: Money,
      select: { ltvMinor: true },
      description: "Lifetime value: the sum of the customer's sales minus refunds, in the workspace's currency.",
      resolve: ({ ltvMinor }, _args, context) => inBaseCurrency(context, ltvMinor),
    }),
    salesCount: t.exposeInt('salesCount', { description: 'The number of sales in the lifetime value.' }),
    firstSaleAt: t.expose('firstSaleAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the first of these sales was made; null when there is none.',
    }),
    version: t.exposeInt('version', version),
    updatedAt: t.expose('updatedAt', updatedAt),
  }));
}

addPersonFields(Customer);
addDeskFields(Customer);
addRevenueFields(Customer);

/** The keys of a customer. An argument takes exactly one of them. */
const keys = {
  id: { description: 'A global or plain id of the customer or contact, or its uuid.' },
  externalId: { description: "The workspace's own id." },
  email: { description: 'The e-mail address, regardless of case.' },
};

const CustomerBy = builder.inputType('CustomerByInput', {
  description: 'Identifies one customer by exactly one of the fields.',
  isOneOf: true,
  fields: (t) => ({ id: t.id(keys.id), externalId: t.string(keys.externalId), email: t.string(keys.email) }),
});

const latestBelow = belowPage({ parent: 'Customer', field: 'latestConversation' });

builder.queryFields((t) => ({
  customerBy: t.field({
    type: Customer,
    nullable: true,
    description:
      'One customer, as customer returns it, with its key as one input object; null when there is none. Needs customers:read.',
    authScopes: { scope: 'customers:read' },
    args: { by: t.arg({ type: CustomerBy, required: true, description: 'The key of the customer.' }) },
    resolve: (_root, { by }, { services, caller }) => services.customers.getBy(caller, by),
  }),
  customer: t.field({
    type: Customer,
    nullable: true,
    description: 'One customer, found by exactly one of the arguments; null when there is none. Needs customers:read.',
    authScopes: { scope: 'customers:read' },
    args: { id: t.arg.id(keys.id), externalId: t.arg.string(keys.externalId), email: t.arg.string(keys.email) },
    resolve: (_root, args, { services, caller }) => services.customers.get(caller, args),
  }),
  customers: t.field({
    type: connectionType('Customer', Customer),
    description: 'The customers of the workspace, without deleted and merged ones. Needs customers:read.',
    authScopes: { scope: 'customers:read' },
    args: {
      ...listArguments(customerList),
      ...offsetArgument,
    },
    resolve(_root, args, { services, caller, loaders }, info) {
      const latest = latestBelow(info);
      const nested = latest && loaders.conversations.latestOfCustomer(latest).nested();
      return services.customers.list(caller, { ...args, select: selectedInPage(info, 'Customer'), nested });
    },
  }),
}));
