import { requireScope } from '../../auth/scopes.js';
import { loadVisible } from '../../db/reading/loaders.js';
import { costs } from '../../graphql/limits/cost.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments, offsetArgument } from '../../graphql/schema/connection.js';
import { filterInput } from '../../graphql/schema/inputs.js';
import { inBaseCurrency, Money } from '../../graphql/schema/money.js';
import { databaseId, node } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { Customer } from '../customer/customer.types.js';
import { trackedCustomerList } from './tracked-customer.fields.js';

export const TrackedCustomer = builder.prismaNode('Customer', {
  variant: 'TrackedCustomer',
  description:
    'A customer with an externalId in revenue tracking: identity and purchases, without data of the support desk. Part of revenue tracking. Needs links:read.',
  ...node({
    scope: 'links:read',
    entitlement: 'REVENUE_TRACKING',
    load: async ({ loaders }, id) => {
      const customer = await loadVisible(loaders.byId('Customer'), id);
      return customer?.externalId == null ? null : customer;
    },
  }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    customer: t.variant(Customer, {
      description: 'The same person with all fields. Needs customers:read.',
    }),
    externalId: t.string({
      description: "The workspace's own id of the customer, unique in the workspace.",
      select: { externalId: true },
      resolve: ({ externalId }) => externalId ?? '',
    }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'The address, unique in the workspace regardless of case; null when not known.',
    }),
    name: t.exposeString('name', { nullable: true, description: 'The name of the person; null when not known.' }),
    phone: t.exposeString('phone', {
      nullable: true,
      description: 'The phone number as it was given; null when not known.',
    }),
    phoneE164: t.exposeString('phoneE164', {
      nullable: true,
      description:
        'The phone number as E.164, such as "+14157770288"; null when it is none, or names no country and the workspace has no defaultCountry.',
    }),
    avatarUrl: t.exposeString('avatarUrl', {
      nullable: true,
      description: 'The URL of a picture; null when there is none.',
    }),
    metadata: t.expose('metadata', { type: 'JSONObject', description: "The workspace's own data about the customer." }),
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
    version: t.exposeInt('version', {
      description:
        'The number of the current version, which every change increments. Pass it as ifVersion to avoid overwriting a change of another writer.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the customer was created.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a field was last changed; null when never.',
    }),
  }),
});

/** The arguments that identify one tracked customer: exactly one of the two. */
export const trackedCustomerKey = builder.args((t) => ({
  id: t.id({ description: 'A global or plain id of the customer, or its uuid.' }),
  externalId: t.string({ description: "The workspace's own id." }),
}));

builder.queryFields((t) => ({
  trackedCustomer: t.field({
    type: TrackedCustomer,
    nullable: true,
    description:
      'One customer who has an externalId, found by exactly one of the arguments; null when there is none. Part of revenue tracking. Needs links:read.',
    authScopes: { revenue: 'links:read' },
    args: trackedCustomerKey,
    resolve: (_root, key, { services, caller }) => services.trackedCustomers.get(caller, key),
  }),
  trackedCustomers: t.field({
    type: connectionType('TrackedCustomer', TrackedCustomer),
    description:
      'The customers who have an externalId, without deleted and merged ones. Part of revenue tracking. Needs links:read.',
    authScopes: { revenue: 'links:read' },
    args: {
      ...listArguments(trackedCustomerList),
      ...offsetArgument,
    },
    resolve: (_root, args, { services, caller }, info) =>
      services.trackedCustomers.list(caller, { ...args, select: selectedInPage(info, 'TrackedCustomer') }),
  }),
  trackedCustomersCount: t.int({
    description:
      'The number of customers who have an externalId, without deleted and merged ones. Part of revenue tracking. Needs links:read or analytics:read.',
    ...costs(1),
    authScopes: { revenue: ['links:read', 'analytics:read'] },
    args: {
      filter: t.arg({
        type: filterInput(trackedCustomerList),
        description: 'Only customers who match all of its conditions. Needs links:read.',
      }),
    },
    resolve: (_root, { filter }, { services, caller }) => {
      // Repeated counts with different filters show as much as the list.
      if (filter) requireScope(caller.scopes, 'links:read');
      return services.trackedCustomers.count(caller, filter);
    },
  }),
}));
