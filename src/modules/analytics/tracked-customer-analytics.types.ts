import { analytical } from '../../db/reading/analytical.js';
import { costs } from '../../graphql/limits/cost.js';
import { builder } from '../../graphql/schema/builder.js';
import { trackedCustomerKey } from '../tracked-customer/tracked-customer.types.js';
import { Attribution, attributionOf, modelArgument } from './attribution.types.js';
import { JourneyConnection, journeyArguments, journeyOf } from './customer-analytics.types.js';

builder.queryFields((t) => ({
  trackedCustomerJourney: t.field({
    type: JourneyConnection,
    nullable: true,
    description:
      'The clicks, conversions, conversations, messages and changes of a tracked customer in one list, the latest first, of the kinds that the key may read. Null when there is no such customer. Part of revenue tracking. Needs analytics:read.',
    authScopes: { analytics: 'analytics:read' },
    args: { ...trackedCustomerKey, ...journeyArguments },
    resolve: async (_root, { id, externalId, ...args }, context) => {
      const customer = await analytical(() =>
        context.services.trackedCustomers.get(context.caller, { id, externalId }),
      );
      return customer && journeyOf(context, customer.id, args);
    },
  }),
  trackedCustomerAttribution: t.field({
    type: Attribution,
    nullable: true,
    description:
      'The credits of clicks for the purchases of a tracked customer. Null when there is no such customer. Part of revenue tracking. Needs analytics:read.',
    ...costs(10),
    authScopes: { analytics: 'analytics:read' },
    args: { ...trackedCustomerKey, ...modelArgument },
    resolve: async (_root, { id, externalId, model }, context) => {
      const customer = await analytical(() =>
        context.services.trackedCustomers.get(context.caller, { id, externalId }),
      );
      return customer && attributionOf(context, customer.id, model);
    },
  }),
}));
