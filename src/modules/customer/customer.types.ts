import { loadVisible } from '../../db/reading/loaders.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments, offsetArgument } from '../../graphql/schema/connection.js';
import { defineEnum } from '../../graphql/schema/enums.js';
import { inBaseCurrency, Money } from '../../graphql/schema/money.js';
import { databaseId, node } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { customerList } from './customer.fields.js';

export const CustomerStatus = defineEnum('CustomerStatus', {
  description: 'Whether a customer may use what the workspace sells.',
  values: {
    ACTIVE: { description: 'As usual.' },
    SUSPENDED: { description: 'Shut out for now.' },
  },
});

export const Sentiment = defineEnum('Sentiment', {
  description: 'The mood of a customer, as agents judge it.',
  values: {
    HAPPY: { description: 'Content.' },
    NEUTRAL: { description: 'Neither content nor annoyed; where everybody begins.' },
    FRUSTRATED: { description: 'Annoyed.' },
    ANGRY: { description: 'Very annoyed.' },
  },
});

export const CustomerSource = defineEnum('CustomerSource', {
  description: 'How a customer came into the workspace.',
  values: {
    EMAIL: { description: 'By writing an e-mail.' },
    CHAT: { description: 'By starting a chat.' },
    API: { description: 'Created by a program.' },
    FORM: { description: 'By filling in a form.' },
    IMPORT: { description: 'Read from a file.' },
  },
});

export const Customer = builder.prismaNode('Customer', {
  description:
    'A person by identity and revenue: the one row that Contact shows as the inbox sees it. Needs customers:read.',
  ...node({ scope: 'customers:read', load: ({ loaders }, id) => loadVisible(loaders.byId('Customer'), id) }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    uuid: t.exposeString('uuid', {
      description: 'A UUID of the customer. Where one customer is asked for or changed, it serves as the id.',
    }),
    externalId: t.exposeString('externalId', {
      nullable: true,
      description: "The workspace's own id for the customer, unique there; null while it is not known.",
    }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'The address, unique in the workspace whatever its case; null when it is not known.',
    }),
    name: t.exposeString('name', { nullable: true, description: 'What the person is called; null when not known.' }),
    phone: t.exposeString('phone', { nullable: true, description: 'The number as it was given; null when not known.' }),
    avatarUrl: t.exposeString('avatarUrl', { nullable: true, description: 'A picture; null when there is none.' }),
    status: t.expose('status', { type: CustomerStatus, description: 'Whether the customer is suspended.' }),
    sentiment: t.expose('sentiment', { type: Sentiment, description: 'The mood, as agents judge it.' }),
    notes: t.exposeString('notes', { nullable: true, description: 'What agents noted; the customer never sees it.' }),
    tags: t.exposeStringList('tags', { description: 'Labels, each once, in the order they were given.' }),
    metadata: t.expose('metadata', {
      type: 'JSONObject',
      description: "The workspace's own data about the customer.",
    }),
    source: t.expose('source', { type: CustomerSource, description: 'How the customer came in.' }),
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
    ltv: t.field({
      type: Money,
      select: { ltvMinor: true },
      description: "Lifetime value: what the customer's sales less refunds come to, in the workspace's currency.",
      resolve: ({ ltvMinor }, _args, context) => inBaseCurrency(context, ltvMinor),
    }),
    salesCount: t.exposeInt('salesCount', { description: 'How many sales count towards the lifetime value.' }),
    firstSaleAt: t.expose('firstSaleAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the first of these sales was; null before it.',
    }),
    archivedAt: t.expose('archivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the contact was archived; null when it is not.',
    }),
    mergedIds: t.idList({
      select: { id: true },
      description:
        'The plain ids of the customers that were merged into this one; each of them names this one for ever.',
      resolve: ({ id }, _args, { loaders }) => loaders.customers.mergedIds.load(id),
    }),
    version: t.exposeInt('version', { description: 'Counts changes; tells two writers of one customer apart.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the customer was created.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a field was last changed; null when none ever was.',
    }),
  }),
});

builder.queryFields((t) => ({
  customer: t.field({
    type: Customer,
    nullable: true,
    description: 'One customer, by exactly one of the arguments; null when there is none. Needs customers:read.',
    authScopes: { scope: 'customers:read' },
    args: {
      id: t.arg.id({ description: 'A global or plain id of the customer or contact, or its uuid.' }),
      externalId: t.arg.string({ description: "The workspace's own id." }),
      email: t.arg.string({ description: 'The e-mail address, whatever its case.' }),
    },
    resolve: (_root, args, { services, caller }) => services.customers.get(caller, args),
  }),
  customers: t.field({
    type: connectionType('Customer', Customer),
    description: 'The customers of the workspace that were not deleted or merged. Needs customers:read.',
    authScopes: { scope: 'customers:read' },
    args: {
      ...listArguments(customerList),
      ...offsetArgument,
    },
    resolve: (_root, args, { services, caller }, info) =>
      services.customers.list(caller, { ...args, select: selectedInPage(info, 'Customer') }),
  }),
}));
