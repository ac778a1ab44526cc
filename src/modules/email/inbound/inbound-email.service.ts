import type { Caller } from '../../../auth/caller.js';
import { type Database, isUniqueViolation } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { AppError, badInput, notFound } from '../../../errors.js';
import type { Channel } from '../../../generated/prisma/client.js';
import { mailboxesOf, partiesOf } from './inbound-email.parties.js';
import { type ReceivedMail, storeMail } from './inbound-email.store.js';
import type { ParsedMail } from './reading/inbound-email.parse.js';

export type { ReceivedMail };

export type InboundMailService = ReturnType<typeof inboundMailService>;

export function inboundMailService(db: Database) {
  return {
    /**
     * Stores an e-mail as a message: in the conversation that it answers, else as the first message of a new conversation
     * with its author, who becomes a contact. `channelId` is the channel if no channel has one of the recipient addresses.
     * @throws BAD_USER_INPUT for an e-mail without a sender, or of the team to itself, NOT_FOUND if there is no channel.
     */
    async receive(caller: Caller, mail: ParsedMail, channelId: string | null = null): Promise<ReceivedMail> {
      const { from } = mail;
      if (!from) throw badInput(['from'], 'The mail has no sender: its headers name no address.');
      const mailboxes = await mailboxesOf(db, caller);
      const parties = await partiesOf(db, caller, { ...mail, from }, mailboxes);
      const channel = parties.channel ?? namedChannel(mailboxes, channelId);
      const store = () => db.transaction((tx) => storeMail(tx, caller, { ...mail, from }, { ...parties, channel }));
      try {
        return await store();
      } catch (error) {
        // The same e-mail was stored meanwhile, which the second attempt finds.
        if (!isUniqueViolation(error)) throw error;
        return store();
      }
    },
  };
}

/** The channel that the request names; an error if it names none, for e-mails that answer no conversation. */
function namedChannel(mailboxes: readonly Channel[], channelId: string | null): Channel | AppError {
  if (channelId === null) {
    return new AppError('NOT_FOUND', 'No e-mail channel has one of the addresses that the mail is sent to.');
  }
  const id = readId('Channel', channelId, ['channel']);
  return mailboxes.find((mailbox) => mailbox.id === id) ?? notFound('E-mail channel', ['channel']);
}
