import type { Caller } from '../../../auth/caller.js';
import type { Transaction } from '../../../db/database.js';
import type { Channel, Conversation } from '../../../generated/prisma/client.js';
import type { Authentication } from '../../../lib/mail/authentication-results.js';
import { comparableAddress, oneSpelling } from '../../../lib/text/email.js';
import { beginConversation } from '../../conversation/conversation.start.js';
import type { MailParticipant } from '../../conversation/message/mail/message.participants.js';
import { summarise } from '../../conversation/message/message.summary.js';
import { insertMessage } from '../../conversation/message/message.writes.js';
import { findOrCreateContact } from '../../customer/customer.service.js';
import { changeCustomer } from '../../customer/customer.writes.js';
import { requireWelcome } from '../blocked/blocked-sender.check.js';
import { MailRejection } from '../rejected/rejection.js';
import { type NumberedThread, subjectWithout } from '../subject-number.js';
import { bounce } from './inbound-email.bounce.js';
import { answeredOf, digestOf, knownOf } from './inbound-email.known.js';
import type { Parties } from './inbound-email.parties.js';
import { findMailed, lockThread, type MailedMessage, readThread, type Thread } from './inbound-email.threads.js';
import { threadByTopic } from './inbound-email.topic.js';
import type { ParsedMail } from './reading/inbound-email.parse.js';

/** The message made from an inbound e-mail, and its conversation. */
export interface ReceivedMail {
  conversationId: string;
  messageId: string;
  /** The contact of the conversation. The sender can be someone else. */
  contactId: string;
  /** KNOWN if the same e-mail is already stored; the ids are then those of the stored message. */
  result: 'CREATED' | 'KNOWN';
}

type Mail = ParsedMail & {
  from: MailParticipant;
  /** The digest of the stored raw e-mail; null if it is not stored. */
  rawDigest: string | null;
  /** The authentication results of trusted mail servers. */
  authenticated: Authentication | null;
  /** The digests of the stored attachments, in their order. */
  digests: readonly string[];
};

/**
 * The channel of an e-mail, or the reason why it has none. Only an e-mail that answers no conversation needs a channel.
 */
export type Placement = { channel: Channel; noChannel: null } | { channel: null; noChannel: MailRejection };

interface Answered {
  /** From a signed recipient address, or from the number in the subject if the sender takes part in it. */
  threadId: string | null;
  /** The conversations whose numbers the subject contains. */
  numbered: readonly NumberedThread[];
}

type Places = Omit<Parties, 'channel'> & Placement & Answered;
type Content = Omit<Parameters<typeof beginConversation>[3], 'authorName'>;

/** Stores the e-mail. @throws the reason for having no channel, if the e-mail has none and answers no conversation. */
export async function storeMail(tx: Transaction, caller: Caller, mail: Mail, places: Places): Promise<ReceivedMail> {
  const { author, isOurs } = places;
  const content = contentOf(mail, places);
  const stored = await findMailed(tx, caller, [mail.messageId, ...mail.answers]);
  const answered =
    answeredOf(mail, stored, places.channel) ??
    (await readThread(tx, caller, places.threadId)) ??
    (await readThread(tx, caller, await topicThread(tx, caller, mail, places)));
  const known = knownOf(mail, stored, places, answered?.channelId ?? null);
  if (known) return alreadyKnown(known);
  // A bounce is about an e-mail that we sent, so it is accepted whoever the recipient was.
  if (!mail.report?.failure) await requireWelcome(tx, caller, places.senders);
  const conversation = answered && (await lockThread(tx, caller, answered));
  if (answered && conversation) {
    const ids = answered.emailMessageId === null ? [] : [answered.emailMessageId];
    const now = await findMailed(tx, caller, [mail.messageId, ...ids]);
    const meanwhile = knownOf(mail, now, places, conversation.channelId);
    if (meanwhile) return alreadyKnown(meanwhile);
    // The contact may have been deleted before the conversation was locked. Then the e-mail begins a new conversation.
    const still =
      answered.messageId === null
        ? await readThread(tx, caller, answered.conversationId)
        : now.find(({ messageId, contactDeleted }) => messageId === answered.messageId && !contactDeleted);
    if (still) {
      const digest = { emailDigest: digestOf(mail, conversation.channelId) };
      const by = isOurs ? teamAuthor(places, true) : { agentId: null, authorName: authorOf(author, answered) };
      const message = await insertMessage(tx, caller, conversation, { ...content, ...digest, ...by });
      const failed = await bounce(tx, caller, conversation, mail);
      await summarise(tx, caller, conversation, message, { automatic: mail.isAutomatic && !failed });
      return created(conversation, message);
    }
  }
  // A report about an e-mail that we sent never begins a conversation, even if the contact has been deleted.
  const ours = mail.report && stored.find(({ direction }) => direction === 'OUTBOUND');
  if (ours) return alreadyKnown(ours);
  return begin(tx, caller, mail, places, content);
}

/** The fields of the message that do not depend on its conversation. */
const contentOf = (mail: Mail, { author, isOurs }: Places): Content => ({
  direction: isOurs ? 'OUTBOUND' : 'INBOUND',
  text: mail.text,
  html: mail.html,
  emailMessageId: mail.messageId,
  participants: { from: author, to: mail.to, cc: mail.cc, replyTo: mail.replyTo },
  isAutomatic: mail.isAutomatic,
  isTruncated: mail.isTruncated,
  ...mail.authenticated,
  rawDigest: mail.rawDigest,
  attachments: mail.attachments.map((file, index) => ({
    ...file,
    url: null,
    digest: mail.digests[index] ?? null,
    contentId: mail.contents[index]?.contentId ?? null,
  })),
});

/**
 * The conversation by subject. Mail that claims to come from the team, or that fails DMARC, is never matched by its
 * subject, because the sender can be forged.
 */
async function topicThread(tx: Transaction, caller: Caller, mail: Mail, places: Places): Promise<string | null> {
  const { author, isOurs, channel } = places;
  const isForged = mail.authenticated?.dmarc === 'FAIL';
  if (isOurs || isForged || mail.report || !channel) return null;
  return threadByTopic(tx, caller, { ...mail, author: author.address, channelId: channel.id });
}

async function begin(
  tx: Transaction,
  caller: Caller,
  mail: Mail,
  places: Places,
  content: Content,
): Promise<ReceivedMail> {
  const { author, isOurs, addressee, channel, noChannel, numbered } = places;
  if (!channel) throw noChannel;
  const person = isOurs ? addressee : author;
  if (!person) {
    const message = 'The mail is from the team to the team, so it has no contact.';
    throw new MailRejection('TEAM_ONLY', message, { path: ['from'] });
  }
  const { address, name } = person;
  const found = await findOrCreateContact(tx, caller, { email: oneSpelling(address), name }, 'EMAIL');
  const isNamed = found.customer.name !== null || person.name === null;
  const { customer: contact } = isNamed
    ? found
    : await changeCustomer(tx, caller, found.customer, { name: person.name });
  // Every transaction that stores this e-mail locks the same contact, so its message is visible now if there is one.
  const meanwhile = knownOf(mail, await findMailed(tx, caller, [mail.messageId]), places, channel.id);
  if (meanwhile) return alreadyKnown(meanwhile);
  const by = isOurs ? teamAuthor(places, false) : { authorName: author.name };
  const begun = await beginConversation(
    tx,
    caller,
    {
      contact,
      channel,
      subject: mail.subject && subjectWithout(mail.subject, numbered),
      assigneeId: null,
      externalId: null,
    },
    { ...content, emailDigest: digestOf(mail, channel.id), ...by },
  );
  return created(begun.conversation, begun.message);
}

/** An agent's address is trusted only in an answer to a conversation, because it can be forged in other mail. */
const teamAuthor = ({ agent, author }: Places, isAnswer: boolean) =>
  agent && isAnswer
    ? { agentId: agent.id, authorName: agent.name }
    : { agentId: null, authorName: author.name === null ? author.address : `${author.name} <${author.address}>` };

const created = ({ id, customerId }: Conversation, message: { id: string }): ReceivedMail => ({
  conversationId: id,
  messageId: message.id,
  contactId: customerId,
  result: 'CREATED',
});

const alreadyKnown = ({ conversationId, messageId, contactId }: MailedMessage): ReceivedMail => ({
  conversationId,
  messageId,
  contactId,
  result: 'KNOWN',
});

/** The author name to store: the name of the contact. Any other sender is shown with the address. */
function authorOf({ address, name }: MailParticipant, { contactEmails, contactName }: Thread): string {
  const isContact = contactEmails.some((own) => own !== null && comparableAddress(own) === comparableAddress(address));
  if (isContact) return name ?? contactName ?? address;
  return name === null ? address : `${name} <${address}>`;
}
