import { defineMutation } from '../../graphql/schema/mutation.js';
import { WriteResult } from '../customer/customer.mutations.js';
import { Campaign } from './campaign.types.js';

defineMutation('createCampaign', {
  description: 'Creates a campaign. Part of revenue tracking. Needs links:create.',
  scope: 'links:create',
  entitlement: 'REVENUE_TRACKING',
  input: (t) => ({
    name: t.string({ required: true, description: 'What people call it, at most 255 characters; unique.' }),
  }),
  resolve: async ({ services, caller }, input) => ({ campaign: await services.campaigns.create(caller, input) }),
  payload: (t) => ({
    campaign: t.field({
      type: Campaign,
      nullable: true,
      description: 'The new campaign.',
      resolve: ({ campaign }) => campaign,
    }),
  }),
});

defineMutation('updateCampaign', {
  description: 'Changes the given fields of a campaign. Safe to repeat. Part of revenue tracking. Needs links:update.',
  scope: 'links:update',
  entitlement: 'REVENUE_TRACKING',
  input: (t) => ({
    id: t.id({ required: true, description: 'The campaign.' }),
    name: t.string({ description: 'What people call it, at most 255 characters; unique.' }),
    ifVersion: t.int({ description: 'Do it only while the campaign is at this version.' }),
  }),
  resolve: ({ services, caller }, input) => services.campaigns.update(caller, input),
  payload: (t) => ({
    campaign: t.field({
      type: Campaign,
      nullable: true,
      description: 'The campaign as it is now.',
      resolve: ({ campaign }) => campaign,
    }),
    result: t.field({
      type: WriteResult,
      nullable: true,
      description: 'What was done.',
      resolve: ({ result }) => result,
    }),
  }),
});
