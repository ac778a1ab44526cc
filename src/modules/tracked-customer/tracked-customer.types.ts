import { requireScope } from '../../auth/scopes.js';
import { loadVisible } from '../../db/reading/loaders.js';
import { costs } from '../../graphql/limits/cost.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments, offsetArgument } from '../../graphql/schema/connection.js';
import { filterInput } from '../../graphql/schema/inputs.js';
import { databaseId, node } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { addPersonFields, addRevenueFields, Customer } from '../customer/customer.types.js';
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
    otherEmails: t.exposeStringList('otherEmails', {
      description: 'Further addresses, which find the customer as the primary one does. Unique in the workspace too.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the customer was created.' }),
  }),
});

addPersonFields(TrackedCustomer);
addRevenueFields(TrackedCustomer);

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
