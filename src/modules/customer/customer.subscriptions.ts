import { conditionsOf } from '../../db/lists/filter.js';
import { loadVisible } from '../../db/reading/loaders.js';
import { keyOfChange } from '../../db/reading/matches.js';
import { builder } from '../../graphql/schema/builder.js';
import { filterInput } from '../../graphql/schema/inputs.js';
import { transformed } from '../../lib/process/streams.js';
import { ChangeEvent, resumeArgument } from '../changes/change.types.js';
import type { StreamedEvent } from '../events/event.follower.js';
import { dataOf } from '../events/event.service.js';
import { customerList } from './customer.fields.js';
import { Customer } from './customer.types.js';

interface CustomerChangeShape extends StreamedEvent {
  matches: boolean;
}

const CustomerChange = builder.objectRef<CustomerChangeShape>('CustomerChange').implement({
  description: 'A change of a customer.',
  interfaces: [ChangeEvent],
  fields: (t) => ({
    customer: t.field({
      type: Customer,
      nullable: true,
      description: 'The customer as it is now, the survivor when it was merged; null when it was deleted.',
      resolve: ({ event }, _args, { loaders }) => loadVisible(loaders.byId('Customer'), event.entityId),
    }),
    matches: t.exposeBoolean('matches', {
      description: 'Whether the customer meets the filter now; false when this change took it out.',
    }),
  }),
});

builder.subscriptionField('customerChanged', (t) =>
  t.field({
    type: CustomerChange,
    description:
      'Changes of customers: of all that meet the filter now or did before the change; that one was deleted is told whatever the filter. Needs customers:read.',
    authScopes: { scope: 'customers:read' },
    args: {
      ...resumeArgument(),
      filter: t.arg({ type: filterInput(customerList), description: 'Which customers; all when left out.' }),
    },
    subscribe: async (_root, { after, filter }, { caller, follow, loadersOf }) => {
      // Meets what is wrong with the filter now rather than at the first change.
      if (filter) conditionsOf(filter, customerList.filter, caller.workspaceId);
      return transformed(await follow(after), async (told) => {
        const { type, entityId: id } = told.event;
        if (!type.startsWith('customer.')) return undefined;
        if (!filter) return { ...told, matches: true };
        if (type === 'customer.deleted') return { ...told, matches: false };
        const change = keyOfChange({ id, before: dataOf(told.event).before ?? {} });
        const match = await loadersOf(told.batch).customers.matches(filter).load(change);
        return match.now || match.before ? { ...told, matches: match.now } : undefined;
      });
    },
    resolve: (change) => change,
  }),
);
