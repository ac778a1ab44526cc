import { defineMutation } from '../../../graphql/schema/mutation.js';
import { blockSenderInput, unblockSenderInput } from './blocked-sender.input.js';
import { BlockedSender } from './blocked-sender.types.js';

defineMutation('blockSender', {
  description:
    'Blocks an e-mail address or a domain: what comes from there becomes no message, and is kept among the rejected mails. Not for addresses of channels and agents. Needs conversations:write.',
  scope: 'conversations:write',
  input: blockSenderInput,
  resolve: async ({ services, caller }, input) => ({
    blockedSender: await services.blockedSenders.block(caller, input),
  }),
  payload: { blockedSender: { type: BlockedSender, description: 'The new blocked sender.' } },
});

defineMutation('unblockSender', {
  description:
    'Blocks a sender no more. Mails that were rejected before stay so until they are retried. Needs conversations:write.',
  scope: 'conversations:write',
  input: unblockSenderInput,
  resolve: async ({ services, caller }, input) => ({ deletedId: await services.blockedSenders.unblock(caller, input) }),
  payload: { deletedId: { type: 'ID', description: 'The plain id of what was the blocked sender.' } },
});
