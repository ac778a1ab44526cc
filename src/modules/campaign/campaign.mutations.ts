import { defineMutation, written } from '../../graphql/schema/mutation.js';
import { createCampaignInput, updateCampaignInput } from './campaign.input.js';
import { Campaign } from './campaign.types.js';

defineMutation('createCampaign', {
  description: 'Creates a campaign. Part of revenue tracking. Needs links:create.',
  scope: 'links:create',
  entitlement: 'REVENUE_TRACKING',
  input: createCampaignInput,
  resolve: async ({ services, caller }, input) => ({ campaign: await services.campaigns.create(caller, input) }),
  payload: { campaign: { type: Campaign, description: 'The new campaign.' } },
});

defineMutation('updateCampaign', {
  description: 'Changes the given fields of a campaign. Safe to repeat. Part of revenue tracking. Needs links:update.',
  scope: 'links:update',
  entitlement: 'REVENUE_TRACKING',
  input: updateCampaignInput,
  resolve: ({ services, caller }, input) => services.campaigns.update(caller, input),
  payload: {
    campaign: { type: Campaign, description: 'The campaign after the change.' },
    result: written(),
  },
});
