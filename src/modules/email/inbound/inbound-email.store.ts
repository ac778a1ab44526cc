import { createHash } from 'node:crypto';
import type { Caller } from '../../../auth/caller.js';
import { raw, sql, type Transaction } from '../../../db/database.js';
import { AppError } from '../../../errors.js';
import type { Channel, Conversation, MessageDirection } from '../../../generated/prisma/client.js';
import type { Authentication } from '../../../lib/mail/authentication-results.js';
import { comparableAddress, oneSpelling } from '../../../lib/text/email.js';
import { beginConversation } from '../../conversation/conversation.start.js';
import { lockConversations } from '../../conversation/conversation.writes.js';
import { comparableMailId, relayIdsOf } from '../../conversation/message/mail/mail-id.js';
import type { MailParticipant } from '../../conversation/message/mail/message.participants.js';
import { summarise } from '../../conversation/message/message.summary.js';
import { insertMessage } from '../../conversation/message/message.writes.js';
import { findOrCreateContact } from '../../customer/customer.service.js';
import { changeCustomer } from '../../customer/customer.writes.js';
import { requireWelcome } from '../blocked/blocked-sender.check.js';
import { MailRejection } from '../rejected/rejection.js';
import { type NumberedThread, subjectWithout } from '../subject-number.js';
import { bounce } from './inbound-email.bounce.js';
import type { Parties } from './inbound-email.parties.js';
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

/** A conversation that an e-mail may answer, and its contact. */
interface Thread {
  conversationId: string;
  channelId: string | null;
  contactId: string;
  contactEmails: (string | null)[];
  contactName: string | null;
  contactDeleted: boolean;
}

/** A conversation that a recipient address names. */
interface NamedThread extends Thread {
  emailMessageId: null;
  messageId: null;
}

/** A stored message with a Message-ID, and its conversation. */
interface MailedMessage extends Thread {
  emailMessageId: string;
  relayMessageId: string | null;
  emailDigest: string | null;
  messageId: string;
  direction: MessageDirection;
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
type Places = Omit<Parties, 'channel'> & {
  channel: Channel | AppError;
  /** From a signed recipient address, or from the number in the subject if the sender takes part in it. */
  threadId: string | null;
  /** The conversations whose numbers the subject contains. */
  numbered: readonly NumberedThread[];
};

/** Stores the e-mail. If `channel` is an error, it is thrown when the e-mail answers no conversation. */
export async function storeMail(tx: Transaction, caller: Caller, mail: Mail, places: Places): Promise<ReceivedMail> {
  const { author, isOurs } = places;
  const content = {
    direction: isOurs ? ('OUTBOUND' as const) : ('INBOUND' as const),
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
  };
  const stored = await findMailed(tx, caller, [mail.messageId, ...mail.answers]);
  const answered =
    answeredOf(mail, stored, places) ??
    (await readThread(tx, caller, places.threadId)) ??
    (await readThread(tx, caller, await topicThread(tx, caller, mail, places)));
  const known = knownOf(mail, stored, places, answered?.channelId ?? null);
  if (known) return alreadyKnown(known);
  // A bounce is about an e-mail that we sent, so it is accepted whoever the recipient was.
  if (!mail.report?.failure) await requireWelcome(tx, caller, places.senders);
  const conversation = answered && (await lock(tx, caller, answered));
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

/**
 * The conversation by subject. Mail that claims to come from the team, or that fails DMARC, is never matched by its
 * subject, because the sender can be forged.
 */
async function topicThread(tx: Transaction, caller: Caller, mail: Mail, places: Places): Promise<string | null> {
  const { author, isOurs, channel } = places;
  const isForged = mail.authenticated?.dmarc === 'FAIL';
  if (isOurs || isForged || mail.report || channel instanceof AppError) return null;
  return threadByTopic(tx, caller, { ...mail, author: author.address, channelId: channel.id });
}

async function begin(
  tx: Transaction,
  caller: Caller,
  mail: Mail,
  places: Places,
  content: Omit<Parameters<typeof beginConversation>[3], 'authorName'>,
): Promise<ReceivedMail> {
  const { author, isOurs, addressee, channel, numbered } = places;
  if (channel instanceof AppError) throw channel;
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

/** The message that the e-mail answers: the most direct one whose contact is not deleted. */
function answeredOf({ answers, messageId }: Mail, stored: readonly MailedMessage[], { channel }: Places) {
  const candidates = answers.filter((id) => comparableMailId(id) !== comparableMailId(messageId));
  for (const id of candidates) {
    const named = stored.filter((message) => hasId(message, id) && !message.contactDeleted);
    // If several messages have this Message-ID, prefer the one in the channel that received the answer.
    const found = named.find(({ channelId }) => !(channel instanceof AppError) && channelId === channel.id) ?? named[0];
    if (found) return found;
  }
  return undefined;
}

const hasId = ({ emailMessageId, relayMessageId }: MailedMessage, id: string): boolean =>
  comparableMailId(emailMessageId) === comparableMailId(id) ||
  (relayMessageId !== null && relayIdsOf([id]).includes(comparableMailId(relayMessageId)));

/**
 * The stored message that is the same e-mail. Some programs send all their e-mails with one Message-ID, so the content,
 * the sender and the channel must be equal as well.
 */
function knownOf(mail: Mail, stored: readonly MailedMessage[], { channel, isOurs }: Places, answeredIn: string | null) {
  const channelIds = [answeredIn, channel instanceof AppError ? null : channel.id];
  const digests = channelIds.map((channelId) => digestOf(mail, channelId));
  return stored.find((message) => {
    if (!hasId(message, mail.messageId)) return false;
    if (message.emailDigest !== null) return digests.includes(message.emailDigest);
    // No digest: a message that the team sent and received a copy of, or one stored before digests were introduced.
    return message.direction === 'INBOUND' || isOurs;
  });
}

function digestOf({ from, subject, text, html, attachments }: Mail, channelId: string | null): string {
  const files = attachments.map(({ fileName, sizeBytes }) => [fileName, sizeBytes]);
  const said = JSON.stringify([channelId, from.address.toLowerCase(), subject, text, html, files]);
  return createHash('sha256').update(said).digest('base64url');
}

const threadColumns = raw(`c."id" AS "conversationId", c."channelId", c."customerId" AS "contactId",
  array_append(p."otherEmails", p."email") AS "contactEmails", p."name" AS "contactName",
  p."deletedAt" IS NOT NULL AS "contactDeleted"`);

/** The conversation; undefined if its contact is deleted. */
async function readThread(
  tx: Transaction,
  { workspaceId }: Caller,
  conversationId: string | null,
): Promise<NamedThread | undefined> {
  if (conversationId === null) return undefined;
  const [thread] = await tx.$queryRaw<NamedThread[]>(sql`SELECT ${threadColumns},
      NULL AS "emailMessageId", NULL AS "messageId" FROM "Conversation" AS c
    JOIN "Customer" AS p ON p."workspaceId" = c."workspaceId" AND p."id" = c."customerId"
    WHERE c."workspaceId" = ${workspaceId} AND c."id" = ${conversationId} AND p."deletedAt" IS NULL`);
  return thread;
}

/** The stored messages with these Message-IDs, their own or the relay's. One statement; each part uses its index. */
const findMailed = (tx: Transaction, { workspaceId }: Caller, ids: readonly string[]): Promise<MailedMessage[]> =>
  tx.$queryRaw<MailedMessage[]>(sql`
    SELECT m."emailMessageId", m."relayMessageId", m."emailDigest", m."id" AS "messageId", m."direction", ${threadColumns}
    FROM (
      SELECT ${mailedColumns} FROM "Message" AS o WHERE o."workspaceId" = ${workspaceId} AND o."emailMessageId" IS NOT NULL
        AND lower(o."emailMessageId") = ANY(${ids.map(comparableMailId)}::text[])
      UNION ALL
      SELECT ${mailedColumns} FROM "Message" AS o WHERE o."workspaceId" = ${workspaceId} AND o."relayMessageId" IS NOT NULL
        AND o."emailMessageId" IS NOT NULL AND lower(o."relayMessageId") = ANY(${relayIdsOf(ids)}::text[])
    ) AS m
    JOIN "Conversation" AS c ON c."workspaceId" = m."workspaceId" AND c."id" = m."conversationId"
    JOIN "Customer" AS p ON p."workspaceId" = c."workspaceId" AND p."id" = c."customerId"
    ORDER BY m."sentAt" DESC, m."id" DESC LIMIT ${maxFound}`);

const mailedColumns = raw(`o."workspaceId", o."id", o."conversationId", o."emailMessageId", o."relayMessageId",
  o."emailDigest", o."direction", o."sentAt"`);

/** The maximum number of messages to read for these Message-IDs, latest first. */
const maxFound = 1_000;

/** Locks the conversation of the message; undefined if it has been deleted. */
async function lock(
  tx: Transaction,
  { workspaceId }: Caller,
  { conversationId }: Thread,
): Promise<Conversation | undefined> {
  const [conversation] = await lockConversations(tx, workspaceId, [sql`r."id" = ${conversationId}`]);
  return conversation;
}

/** The author name to store: the name of the contact. Any other sender is shown with the address. */
function authorOf({ address, name }: MailParticipant, { contactEmails, contactName }: Thread): string {
  const isContact = contactEmails.some((own) => own !== null && comparableAddress(own) === comparableAddress(address));
  if (isContact) return name ?? contactName ?? address;
  return name === null ? address : `${name} <${address}>`;
}
