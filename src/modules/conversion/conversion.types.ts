import { loadVisible } from '../../db/reading/loaders.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { defineEnum } from '../../graphql/schema/enums.js';
import { inBaseCurrency, Money } from '../../graphql/schema/money.js';
import { databaseId, node } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { Customer } from '../customer/customer.types.js';
import { conversionList } from './conversion.fields.js';

export const ConversionClass = defineEnum('ConversionClass', {
  description: 'What kind of step a conversion is.',
  values: {
    LEAD: { description: 'Somebody became known, such as by signing up.' },
    SALE: { description: 'Somebody bought something; only sales count towards lifetime value.' },
    CUSTOM: { description: "Something of the workspace's own, which its name tells." },
  },
});

export const ConversionStatus = defineEnum('ConversionStatus', {
  description: 'Whether a conversion counts.',
  values: {
    PENDING: { description: 'Not confirmed yet; counts.' },
    APPROVED: { description: 'Confirmed; counts.' },
    REFUNDED: { description: 'Taken back as a whole; does not count, nor do its refunds.' },
    REJECTED: { description: 'Not accepted; does not count.' },
    FRAUD: { description: 'Not real; does not count.' },
  },
});

export const Conversion = builder.prismaNode('Conversion', {
  description:
    'A row of the ledger: a lead, a sale, a refund or a step of another kind. Part of revenue tracking. Needs analytics:read.',
  ...node({ scope: 'analytics:read', entitlement: 'REVENUE_TRACKING' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    class: t.expose('class', { type: ConversionClass, description: 'What kind of step it is.' }),
    status: t.expose('status', { type: ConversionStatus, description: 'Whether it counts.' }),
    name: t.exposeString('name', { nullable: true, description: 'What a custom step is called; null without a name.' }),
    orderId: t.exposeString('orderId', {
      nullable: true,
      description:
        "The workspace's own id of the order, unique in its class; null for refunds and where none was given.",
    }),
    amount: t.field({
      type: Money,
      select: { amountMinor: true, currency: true },
      description: 'What was paid, in the currency it was paid in; negative for a refund.',
      resolve: ({ amountMinor, currency }) => ({ amountMinor, currency }),
    }),
    baseAmount: t.field({
      type: Money,
      select: { baseAmountMinor: true },
      description:
        "The same in the workspace's currency, at the rate of the day it came in; the sums are made of these.",
      resolve: ({ baseAmountMinor }, _args, context) => inBaseCurrency(context, baseAmountMinor),
    }),
    exchangeRate: t.exposeString('rate', {
      description: "What a unit of the currency was worth in the workspace's, as a decimal number; it never changes.",
    }),
    items: t.exposeInt('items', {
      nullable: true,
      description: 'How many things were sold; null where that is not known, and for refunds.',
    }),
    customer: t.field({
      type: Customer,
      nullable: true,
      description: 'Whose conversion it is; null once the customer was deleted. Needs customers:read.',
      select: { customerId: true },
      authScopes: { scope: 'customers:read' },
      resolve: ({ customerId }, _args, { loaders }) => loadVisible(loaders.byId('Customer'), customerId),
    }),
    click: t.relation('click', {
      nullable: true,
      description: 'The click that it named; null when it named none. Needs links:read.',
      authScopes: { scope: 'links:read' },
    }),
    isImported: t.exposeBoolean('imported', {
      description: 'Whether it was read from a file: then it happened before it was known here.',
    }),
    version: t.exposeInt('version', { description: 'Counts changes; pass it as ifVersion to not overwrite another.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it happened.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was recorded.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its status was last changed; null when it never was.',
    }),
  }),
});

// Apart, since it names the type itself.
builder.prismaObjectField(Conversion, 'refundOf', (t) =>
  t.field({
    type: Conversion,
    nullable: true,
    description: 'The sale that it refunds; null when it is no refund.',
    select: { refundOfId: true },
    resolve: ({ refundOfId }, _args, { loaders }) =>
      refundOfId === null ? null : loaders.byId('Conversion').load(refundOfId),
  }),
);

const ConversionConnection = connectionType('Conversion', Conversion);
const conversionArguments = listArguments(conversionList);

builder.queryFields((t) => ({
  conversion: t.field({
    type: Conversion,
    nullable: true,
    description:
      'One conversion, by exactly one of id and orderId; null when there is none. Part of revenue tracking. Needs analytics:read.',
    authScopes: { revenue: 'analytics:read' },
    args: {
      id: t.arg.id({ description: 'A global or plain id.' }),
      orderId: t.arg.string({ description: "The workspace's own id of the order." }),
      class: t.arg({ type: ConversionClass, description: 'The class of the order; SALE when left out.' }),
    },
    resolve: (_root, args, { services, caller }) => services.conversions.get(caller, args),
  }),
  conversions: t.field({
    type: ConversionConnection,
    description: 'The conversions of the workspace, refunds too. Part of revenue tracking. Needs analytics:read.',
    authScopes: { revenue: 'analytics:read' },
    args: conversionArguments,
    resolve: (_root, args, { services, caller }, info) =>
      services.conversions.list(caller, { ...args, select: selectedInPage(info, 'Conversion') }),
  }),
}));

builder.prismaObjectField(Customer, 'conversions', (t) =>
  t.field({
    type: ConversionConnection,
    description: "The customer's conversions, refunds too. Part of revenue tracking. Needs analytics:read.",
    select: { id: true },
    authScopes: { revenue: 'analytics:read' },
    args: conversionArguments,
    resolve: ({ id }, args, { loaders }, info) =>
      loaders.conversions.ofCustomer({ ...args, select: selectedInPage(info, 'Conversion') }).load(id),
  }),
);

builder.prismaObjectField(Conversion, 'refunds', (t) =>
  t.field({
    type: ConversionConnection,
    description: 'What was refunded of it, row by row.',
    select: { id: true },
    args: conversionArguments,
    resolve: ({ id }, args, { loaders }, info) =>
      loaders.conversions.ofRefunded({ ...args, select: selectedInPage(info, 'Conversion') }).load(id),
  }),
);
