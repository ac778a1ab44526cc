import { defineMutation } from '../../../graphql/schema/mutation.js';
import { blockSenderInput, unblockSenderInput } from './blocked-sender.input.js';
import { BlockedSender } from './blocked-sender.types.js';

defineMutation('blockSender', {
  description:
    'Blocks an e-mail address or a domain: e-mails from there do not become messages and are kept as rejected mails. Not for addresses of channels and agents. Needs conversations:write.',
  scope: 'conversations:write',
  input: blockSenderInput,
  resolve: async ({ services, caller }, input) => ({
    blockedSender: await services.blockedSenders.block(caller, input),
  }),
  payload: { blockedSender: { type: BlockedSender, description: 'The new blocked sender.' } },
});

defineMutation('unblockSender', {
  description:
    'Unblocks a sender. Mails that were rejected before stay rejected until they are retried. Needs conversations:write.',
  scope: 'conversations:write',
  input: unblockSenderInput,
  resolve: async ({ services, caller }, input) => ({ deletedId: await services.blockedSenders.unblock(caller, input) }),
  payload: { deletedId: { type: 'ID', description: 'The plain id of the removed blocked sender.' } },
});
