import { conditionsOf } from '../../db/lists/filter.js';
import { loadVisible } from '../../db/reading/loaders.js';
import { keyOfChange } from '../../db/reading/matches.js';
import { builder } from '../../graphql/schema/builder.js';
import { filterInput } from '../../graphql/schema/inputs.js';
import { scoped } from '../../graphql/schema/scopes.js';
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
  ...scoped('customers:read'),
  fields: (t) => ({
    customer: t.field({
      type: Customer,
      nullable: true,
      description: 'The customer as it is now; the survivor when it was merged; null when it was deleted.',
      resolve: ({ event }, _args, { loaders }) => loadVisible(loaders.byId('Customer'), event.entityId),
    }),
    matches: t.exposeBoolean('matches', {
      description: 'Whether the customer matches the filter now; false when this change made it leave the filter.',
    }),
  }),
});

builder.subscriptionField('customerChanged', (t) =>
  t.field({
    type: CustomerChange,
    description:
      'Changes of customers that match the filter after the change or before it. Deletions are always sent, whatever the filter. Needs customers:read.',
    authScopes: { scope: 'customers:read' },
    args: {
      ...resumeArgument(),
      filter: t.arg({
        type: filterInput(customerList),
        description: 'Only changes of these customers; of all when left out.',
      }),
    },
    subscribe: async (_root, { after, filter }, { caller, follow, loadersOf, atEvent }) => {
      // Reports an invalid filter now, not at the first change.
      if (filter) conditionsOf(filter, customerList.filter, caller.workspaceId);
      return transformed(await follow(after), async (streamed) => {
        const { type, entityId: id } = streamed.event;
        if (!type.startsWith('customer.')) return undefined;
        if (!filter) return { ...streamed, matches: true };
        if (type === 'customer.deleted') return { ...streamed, matches: false };
        const change = keyOfChange({ id, before: dataOf(streamed.event).before ?? {} });
        const match = await atEvent(() => loadersOf(streamed.batch).customers.matches(filter).load(change));
        return match.now || match.before ? { ...streamed, matches: match.now } : undefined;
      });
    },
    resolve: (change) => change,
  }),
);
