import { defineMutation } from '../../graphql/schema/mutation.js';
import { WriteResult } from '../customer/customer.mutations.js';
import { Link } from './link.types.js';

defineMutation('createLink', {
  description: 'Creates a link whose clicks can be recorded. Part of revenue tracking. Needs links:create.',
  scope: 'links:create',
  entitlement: 'REVENUE_TRACKING',
  input: (t) => ({
    url: t.string({ required: true, description: 'Where it leads: an http or https URL.' }),
    name: t.string({ description: 'What people call it, at most 255 characters.' }),
    campaignId: t.id({ description: 'The campaign it is made for.' }),
  }),
  resolve: async ({ services, caller }, input) => ({ link: await services.links.create(caller, input) }),
  payload: (t) => ({
    link: t.field({ type: Link, nullable: true, description: 'The new link.', resolve: ({ link }) => link }),
  }),
});

defineMutation('updateLink', {
  description:
    'Changes the given fields of a link. Clicks that are recorded already keep their campaign. Safe to repeat. Part of revenue tracking. Needs links:update.',
  scope: 'links:update',
  entitlement: 'REVENUE_TRACKING',
  input: (t) => ({
    id: t.id({ required: true, description: 'The link.' }),
    url: t.string({ description: 'Where it leads: an http or https URL.' }),
    name: t.string({ description: 'What people call it, at most 255 characters; null empties it.' }),
    campaignId: t.id({ description: 'The campaign of its clicks from now on; null for none.' }),
    ifVersion: t.int({ description: 'Do it only while the link is at this version.' }),
  }),
  resolve: ({ services, caller }, input) => services.links.update(caller, input),
  payload: (t) => ({
    link: t.field({ type: Link, nullable: true, description: 'The link as it is now.', resolve: ({ link }) => link }),
    result: t.field({
      type: WriteResult,
      nullable: true,
      description: 'What was done.',
      resolve: ({ result }) => result,
    }),
  }),
});

defineMutation('deleteLink', {
  description:
    'Deletes a link: no list shows it and no click can be recorded on it any more. Its clicks stay, and show it. Part of revenue tracking. Needs links:delete.',
  scope: 'links:delete',
  entitlement: 'REVENUE_TRACKING',
  input: (t) => ({
    id: t.id({ required: true, description: 'The link.' }),
    ifVersion: t.int({ description: 'Do it only while the link is at this version.' }),
  }),
  resolve: async ({ services, caller }, input) => ({ deletedId: await services.links.delete(caller, input) }),
  payload: (t) => ({
    deletedId: t.id({
      nullable: true,
      description: 'The plain id of the link that was deleted.',
      resolve: ({ deletedId }) => deletedId,
    }),
  }),
});
