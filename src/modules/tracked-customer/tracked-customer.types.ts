import { requireScope } from '../../auth/scopes.js';
import { loadVisible } from '../../db/reading/loaders.js';
import { costs } from '../../graphql/limits/cost.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments, offsetArgument } from '../../graphql/schema/connection.js';
import {
  BigIntComparator,
  DateTimeComparator,
  IDComparator,
  IntComparator,
  orderInput,
  StringComparator,
} from '../../graphql/schema/inputs.js';
import { inBaseCurrency, Money } from '../../graphql/schema/money.js';
import { databaseId, node } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { Customer, identityQuery } from '../customer/customer.types.js';
import type {
  TrackedCustomerFilter as FilterShape,
  TrackedCustomerOrderField as OrderField,
} from './tracked-customer.listing.js';

export const TrackedCustomer = builder.prismaNode('Customer', {
  variant: 'TrackedCustomer',
  description:
    'A customer as revenue tracking sees it: one with an externalId, by who it is and what it has bought, without what the desk keeps of it. Part of revenue tracking. Needs links:read.',
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
      description: 'The same person with all that is known. Needs customers:read.',
      authScopes: { scope: 'customers:read' },
    }),
    externalId: t.string({
      description: "The workspace's own id for the customer, unique there.",
      select: { externalId: true },
      resolve: ({ externalId }) => externalId ?? '',
    }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'The address, unique in the workspace whatever its case; null when it is not known.',
    }),
    name: t.exposeString('name', { nullable: true, description: 'What the person is called; null when not known.' }),
    phone: t.exposeString('phone', { nullable: true, description: 'The number as it was given; null when not known.' }),
    avatarUrl: t.exposeString('avatarUrl', { nullable: true, description: 'A picture; null when there is none.' }),
    metadata: t.expose('metadata', { type: 'JSONObject', description: "The workspace's own data about the customer." }),
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
    version: t.exposeInt('version', { description: 'Counts changes; pass it as ifVersion to not overwrite another.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the customer was created.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a field was last changed; null when none ever was.',
    }),
  }),
});

const TrackedCustomerFilter = builder.inputRef<FilterShape>('TrackedCustomerFilter').implement({
  description: 'Which tracked customers; all of its conditions must hold.',
  fields: (t) => ({
    and: t.field({ type: [TrackedCustomerFilter], description: 'Each of these holds.' }),
    or: t.field({ type: [TrackedCustomerFilter], description: 'One of these holds.' }),
    not: t.field({ type: TrackedCustomerFilter, description: 'This does not hold.' }),
    query: t.string({ description: identityQuery }),
    id: t.field({ type: IDComparator, description: 'By id; those of merged customers name the survivor.' }),
    externalId: t.field({ type: StringComparator, description: "By the workspace's own id." }),
    email: t.field({ type: StringComparator, description: 'By e-mail address, whatever the case.' }),
    ltvMinor: t.field({ type: BigIntComparator, description: 'By lifetime value in minor units.' }),
    salesCount: t.field({ type: IntComparator, description: 'By the number of sales.' }),
    firstSaleAt: t.field({ type: DateTimeComparator, description: 'By time of the first sale.' }),
    createdAt: t.field({ type: DateTimeComparator, description: 'By time of creation.' }),
    updatedAt: t.field({ type: DateTimeComparator, description: 'By time of the last change.' }),
  }),
});

const TrackedCustomerOrderField = builder.enumType('TrackedCustomerOrderField', {
  description: 'What tracked customers can be sorted by.',
  values: {
    CREATED_AT: { description: 'When they were created.' },
    UPDATED_AT: { description: 'When a field was last changed, or they were created when none ever was.' },
    NAME: { description: 'Their name, whatever the case of ASCII letters; those without one come as the empty name.' },
    LTV: { description: 'Their lifetime value.' },
    FIRST_SALE_AT: { description: 'When their first sale was; those without one come as before all others.' },
  } satisfies Record<OrderField, object>,
});

/** One tracked customer, by exactly one of the two. */
export const trackedCustomerKey = builder.args((t) => ({
  id: t.id({ description: 'A global or plain id of the customer, or its uuid.' }),
  externalId: t.string({ description: "The workspace's own id." }),
}));

builder.queryFields((t) => ({
  trackedCustomer: t.field({
    type: TrackedCustomer,
    nullable: true,
    description:
      'One customer who has an externalId, by exactly one of the arguments; null when there is none. Part of revenue tracking. Needs links:read.',
    authScopes: { revenue: 'links:read' },
    args: trackedCustomerKey,
    resolve: (_root, key, { services, caller }) => services.trackedCustomers.get(caller, key),
  }),
  trackedCustomers: t.field({
    type: connectionType('TrackedCustomer', TrackedCustomer),
    description:
      'The customers who have an externalId, those who were deleted or merged aside. Part of revenue tracking. Needs links:read.',
    authScopes: { revenue: 'links:read' },
    args: {
      ...listArguments({
        filter: TrackedCustomerFilter,
        order: orderInput('TrackedCustomerOrder', TrackedCustomerOrderField),
        defaultOrder: 'CREATED_AT DESC',
      }),
      ...offsetArgument,
    },
    resolve: (_root, args, { services, caller }, info) =>
      services.trackedCustomers.list(caller, { ...args, select: selectedInPage(info, 'TrackedCustomer') }),
  }),
  trackedCustomersCount: t.int({
    description:
      'How many customers have an externalId, those who were deleted or merged aside. Part of revenue tracking. Needs links:read or analytics:read.',
    ...costs(1),
    authScopes: { revenue: ['links:read', 'analytics:read'] },
    args: {
      filter: t.arg({
        type: TrackedCustomerFilter,
        description: 'Only those who meet all of its conditions. Needs links:read.',
      }),
    },
    resolve: (_root, { filter }, { services, caller }) => {
      // Count after count, a filter tells what the list would show.
      if (filter) requireScope(caller.scopes, 'links:read');
      return services.trackedCustomers.count(caller, filter);
    },
  }),
}));
