import { defineMutation, written } from '../../graphql/schema/mutation.js';
import { createLinkInput, deleteLinkInput, updateLinkInput } from './link.input.js';
import { Link } from './link.types.js';

defineMutation('createLink', {
  description: 'Creates a link on which clicks can be recorded. Part of revenue tracking. Needs links:create.',
  scope: 'links:create',
  entitlement: 'REVENUE_TRACKING',
  input: createLinkInput,
  resolve: async ({ services, caller }, input) => ({ link: await services.links.create(caller, input) }),
  payload: { link: { type: Link, description: 'The new link.' } },
});

defineMutation('updateLink', {
  description:
    'Changes the given fields of a link. Clicks that were recorded before keep their campaign. Safe to repeat. Part of revenue tracking. Needs links:update.',
  scope: 'links:update',
  entitlement: 'REVENUE_TRACKING',
  input: updateLinkInput,
  resolve: ({ services, caller }, input) => services.links.update(caller, input),
  payload: {
    link: { type: Link, description: 'The link after the change.' },
    result: written(),
  },
});

defineMutation('deleteLink', {
  description:
    'Deletes a link: lists leave it out and no more clicks can be recorded on it. Its earlier clicks stay and still refer to it. Part of revenue tracking. Needs links:delete.',
  scope: 'links:delete',
  entitlement: 'REVENUE_TRACKING',
  input: deleteLinkInput,
  resolve: async ({ services, caller }, input) => ({ deletedId: await services.links.delete(caller, input) }),
  payload: { deletedId: { type: 'ID', description: 'The plain id of the deleted link.' } },
});
