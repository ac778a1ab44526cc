import { loadVisible } from '../../db/reading/loaders.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { defineEnum } from '../../graphql/schema/enums.js';
import { inBaseCurrency, Money } from '../../graphql/schema/money.js';
import { databaseId, node, version } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { Customer } from '../customer/customer.types.js';
import { conversionList } from './conversion.fields.js';

export const ConversionClass = defineEnum('ConversionClass', {
  description: 'The class of a conversion.',
  values: {
    LEAD: { description: 'A person became known, for example by signing up.' },
    SALE: { description: 'A person bought something. Only sales count towards lifetime value.' },
    CUSTOM: { description: 'Another event, which the workspace defines by the name of the conversion.' },
  },
});

export const ConversionStatus = defineEnum('ConversionStatus', {
  description: 'The status of a conversion, which decides whether it counts towards lifetime value.',
  values: {
    PENDING: { description: 'Not confirmed yet; counts.' },
    APPROVED: { description: 'Confirmed; counts.' },
    REFUNDED: { description: 'Reversed as a whole; neither the conversion nor its refunds count.' },
    REJECTED: { description: 'Not accepted; does not count.' },
    FRAUD: { description: 'Not real; does not count.' },
  },
});

export const Conversion = builder.prismaNode('Conversion', {
  description:
    'An entry of the revenue ledger: a lead, a sale, a refund or a custom event. Part of revenue tracking. Needs analytics:read.',
  ...node({ scope: 'analytics:read', entitlement: 'REVENUE_TRACKING' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    class: t.expose('class', { type: ConversionClass, description: 'The class.' }),
    status: t.expose('status', { type: ConversionStatus, description: 'The status.' }),
    name: t.exposeString('name', { nullable: true, description: 'The name of a custom event; null if it has none.' }),
    orderId: t.exposeString('orderId', {
      nullable: true,
      description: "The workspace's own id of the order, unique in its class; null for refunds, and if none was given.",
    }),
    amount: t.field({
      type: Money,
      select: { amountMinor: true, currency: true },
      description: 'The amount in the currency of the payment; negative for a refund.',
      resolve: ({ amountMinor, currency }) => ({ amountMinor, currency }),
    }),
    baseAmount: t.field({
      type: Money,
      select: { baseAmountMinor: true },
      description:
        "The amount in the workspace's currency, at the exchange rate that was given when it was recorded. Sums use this amount.",
      resolve: ({ baseAmountMinor }, _args, context) => inBaseCurrency(context, baseAmountMinor),
    }),
    exchangeRate: t.exposeString('rate', {
      description:
        "The value of one unit of the currency in the workspace's currency, as a decimal number. It never changes.",
    }),
    items: t.exposeInt('items', {
      nullable: true,
      description: 'The number of items sold; null if not known, and for refunds.',
    }),
    payout: t.field({
      type: Money,
      nullable: true,
      select: { payoutMinor: true, currency: true },
      description: 'What was paid for it, as to a partner, in the currency of the payment; null if not known.',
      resolve: ({ payoutMinor, currency }) => (payoutMinor === null ? null : { amountMinor: payoutMinor, currency }),
    }),
    pixelId: t.exposeString('pixelId', {
      nullable: true,
      description: 'The id of the pixel that reported it; null if none was given.',
    }),
    metadata: t.expose('metadata', { type: 'JSONObject', description: "The workspace's own data about it." }),
    customer: t.field({
      type: Customer,
      nullable: true,
      description: 'The customer; null if the customer was deleted. Needs customers:read.',
      select: { customerId: true },
      resolve: ({ customerId }, _args, { loaders }) => loadVisible(loaders.byId('Customer'), customerId),
    }),
    click: t.relation('click', {
      nullable: true,
      description: 'The click that led to the conversion; null if none was given. Needs links:read.',
    }),
    isImported: t.exposeBoolean('imported', {
      description: 'Whether it was imported from a file.',
    }),
    version: t.exposeInt('version', version),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When the conversion happened.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the conversion was recorded.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its status was last changed or it was last refunded; null if never.',
    }),
  }),
});

// Separate, because the field refers to the type that is being defined.
builder.prismaObjectField(Conversion, 'refundOf', (t) =>
  t.field({
    type: Conversion,
    nullable: true,
    description: 'The refunded sale; null if this is no refund.',
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
      'One conversion, selected by exactly one of id and orderId; null if there is none. Part of revenue tracking. Needs analytics:read.',
    authScopes: { revenue: 'analytics:read' },
    args: {
      id: t.arg.id({ description: 'A global or plain id.' }),
      orderId: t.arg.string({ description: "The workspace's own id of the order." }),
      class: t.arg({
        type: ConversionClass,
        description: 'The class of the conversion with this orderId; SALE if omitted.',
      }),
    },
    resolve: (_root, args, { services, caller }) => services.conversions.get(caller, args),
  }),
  conversions: t.field({
    type: ConversionConnection,
    description: 'The conversions of the workspace, including refunds. Part of revenue tracking. Needs analytics:read.',
    authScopes: { revenue: 'analytics:read' },
    args: conversionArguments,
    resolve: (_root, args, { services, caller }, info) =>
      services.conversions.list(caller, { ...args, select: selectedInPage(info, 'Conversion') }),
  }),
}));

builder.prismaObjectField(Customer, 'conversions', (t) =>
  t.field({
    type: ConversionConnection,
    description: "The customer's conversions, including refunds. Part of revenue tracking. Needs analytics:read.",
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
    description: 'The refunds of this sale.',
    select: { id: true },
    args: conversionArguments,
    resolve: ({ id }, args, { loaders }, info) =>
      loaders.conversions.ofRefunded({ ...args, select: selectedInPage(info, 'Conversion') }).load(id),
  }),
);
