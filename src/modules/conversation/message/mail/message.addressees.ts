import { comparableAddress } from '../../../../lib/text/email.js';
import { type MailParticipant, type Participants, participantsOf } from './message.participants.js';

/** The given addresses; those that are null or undefined are chosen. */
export interface GivenAddressees {
  to?: readonly string[] | null | undefined;
  cc?: readonly string[] | null | undefined;
  bcc?: readonly string[] | null | undefined;
}

/** The data from which the recipients are chosen. */
export interface Thread {
  contact: { name: string | null; address: string | null };
  /** The sender and recipients of the latest inbound message. */
  asked: unknown;
  mailbox: string;
}

/**
 * The recipients of a message: by default the sender of the latest inbound message, with the contact in Cc if that is
 * somebody else. Null if there is no recipient.
 */
export function addressees({ to, cc, bcc }: GivenAddressees, thread: Thread | null): Participants | null {
  if (!thread) return null;
  const { contact, mailbox } = thread;
  const { from, replyTo } = participantsOf(thread.asked);
  const wanted = (replyTo.length > 0 ? replyTo : from ? [from] : []).filter(({ address }) => !isSame(address, mailbox));
  const author = to != null ? to.map(unnamed) : wanted;
  const toContact =
    to == null && (author.length === 0 || author.every(({ address }) => isSame(address, contact.address)));
  const chosen = toContact && contact.address !== null ? [{ name: contact.name, address: contact.address }] : author;
  const wrote = from ? [from, ...replyTo] : replyTo;
  const isContacts = wrote.length === 0 || wrote.some(({ address }) => isSame(address, contact.address));
  const others =
    to == null && !isContacts && contact.address !== null ? [{ name: contact.name, address: contact.address }] : [];
  return {
    to: chosen,
    cc: cc != null ? cc.map(unnamed) : others,
    bcc: (bcc ?? []).map(unnamed),
    toContact,
  };
}

const unnamed = (address: string): MailParticipant => ({ name: null, address });

export const isSame = (one: string, other: string | null): boolean =>
  other !== null && comparableAddress(one) === comparableAddress(other);
