import { requireScope } from '../../auth/scopes.js';
import { costs } from '../../graphql/limits/cost.js';
import { builder } from '../../graphql/schema/builder.js';
import { filterInput } from '../../graphql/schema/inputs.js';
import { customerList } from '../customer/customer.fields.js';

builder.queryField('customersCount', (t) =>
  t.int({
    description:
      'The number of customers of the workspace, without deleted and merged ones. Part of revenue tracking. Needs analytics:read.',
    ...costs(1),
    authScopes: { revenue: 'analytics:read' },
    args: {
      filter: t.arg({
        type: filterInput(customerList),
        description: 'Only customers who match all of its conditions. Needs customers:read.',
      }),
    },
    resolve: (_root, { filter }, { services, caller }) => {
      // Repeated counts with different filters show as much as the list.
      if (filter) requireScope(caller.scopes, 'customers:read');
      return services.analytics.customersCount(caller, filter);
    },
  }),
);
