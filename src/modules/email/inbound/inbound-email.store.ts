import { createHash } from 'node:crypto';
import type { Caller } from '../../../auth/caller.js';
import { sql, type Transaction } from '../../../db/database.js';
import { AppError, badInput } from '../../../errors.js';
import type { Channel, Conversation, MessageDirection } from '../../../generated/prisma/client.js';
import { beginConversation } from '../../conversation/conversation.start.js';
import { lockConversations } from '../../conversation/conversation.writes.js';
import { comparableMailId } from '../../conversation/message/mail/mail-id.js';
import type { MailParticipant } from '../../conversation/message/mail/message.participants.js';
import { insertMessage } from '../../conversation/message/message.service.js';
import { summarise } from '../../conversation/message/message.summary.js';
import { findOrCreateContact } from '../../customer/customer.service.js';
import { changeCustomer } from '../../customer/customer.writes.js';
import { bounce } from './inbound-email.bounce.js';
import type { Parties } from './inbound-email.parties.js';
import type { ParsedMail } from './reading/inbound-email.parse.js';

/** The message that an inbound e-mail became, and its conversation. */
export interface ReceivedMail {
  conversationId: string;
  messageId: string;
  /** The contact of the conversation, who need not be the sender. */
  contactId: string;
  /** KNOWN if the same e-mail is there already: its message is returned. */
  result: 'CREATED' | 'KNOWN';
}

/** A stored message with a Message-ID, and the contact of its conversation. */
interface MailedMessage {
  emailMessageId: string;
  emailDigest: string | null;
  messageId: string;
  direction: MessageDirection;
  conversationId: string;
  channelId: string | null;
  contactId: string;
  contactEmail: string | null;
  contactName: string | null;
  contactDeleted: boolean;
}

type Mail = ParsedMail & { from: MailParticipant };
type Places = Omit<Parties, 'channel'> & { channel: Channel | AppError };

/** Stores the e-mail. The error that stands for its channel is thrown if it answers no conversation. */
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
    attachments: mail.attachments.map((file) => ({ ...file, url: null })),
  };
  const stored = await findMailed(tx, caller, [mail.messageId, ...mail.answers]);
  const answered = answeredOf(mail, stored, places);
  const known = knownOf(mail, stored, places, answered?.channelId ?? null);
  if (known) return alreadyKnown(known);
  const conversation = answered && (await lock(tx, caller, answered));
  if (answered && conversation) {
    const now = await findMailed(tx, caller, [mail.messageId, answered.emailMessageId]);
    const meanwhile = knownOf(mail, now, places, conversation.channelId);
    if (meanwhile) return alreadyKnown(meanwhile);
    // Its contact may have been deleted before the conversation was locked: then the mail begins another one.
    if (now.some(({ messageId, contactDeleted }) => messageId === answered.messageId && !contactDeleted)) {
      const digest = { emailDigest: digestOf(mail, conversation.channelId) };
      const by = isOurs ? teamAuthor(places, true) : { agentId: null, authorName: authorOf(author, answered) };
      const message = await insertMessage(tx, caller, conversation, { ...content, ...digest, ...by });
      const failed = await bounce(tx, caller, conversation, mail);
      await summarise(tx, caller, conversation, message, { automatic: mail.isAutomatic && !failed });
      return created(conversation, message);
    }
  }
  // What is reported about a mail of ours begins no conversation, also when its contact is deleted.
  const ours = mail.report && stored.find(({ direction }) => direction === 'OUTBOUND');
  if (ours) return alreadyKnown(ours);
  return begin(tx, caller, mail, places, content);
}

async function begin(
  tx: Transaction,
  caller: Caller,
  mail: Mail,
  places: Places,
  content: Omit<Parameters<typeof beginConversation>[3], 'authorName'>,
): Promise<ReceivedMail> {
  const { author, isOurs, addressee, channel } = places;
  if (channel instanceof AppError) throw channel;
  const person = isOurs ? addressee : author;
  if (!person) throw badInput(['from'], 'The mail is from the team to the team: there is nobody to be its contact.');
  const found = await findOrCreateContact(tx, caller, { email: person.address, name: person.name }, 'EMAIL');
  const isNamed = found.customer.name !== null || person.name === null;
  const { customer: contact } = isNamed
    ? found
    : await changeCustomer(tx, caller, found.customer, { name: person.name });
  // The same contact is locked by any transaction that stores the same e-mail, so its message is visible now.
  const meanwhile = knownOf(mail, await findMailed(tx, caller, [mail.messageId]), places, channel.id);
  if (meanwhile) return alreadyKnown(meanwhile);
  const by = isOurs ? teamAuthor(places, false) : { authorName: author.name };
  const begun = await beginConversation(
    tx,
    caller,
    { contact, channel, subject: mail.subject, assigneeId: null, externalId: null },
    { ...content, emailDigest: digestOf(mail, channel.id), ...by },
  );
  return created(begun.conversation, begun.message);
}

/** An agent's address is believed where it answers a conversation; elsewhere anybody could have written it. */
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

/** The message that the e-mail answers, of a contact who is not deleted: the most direct one. */
function answeredOf({ answers, messageId }: Mail, stored: readonly MailedMessage[], { channel }: Places) {
  const candidates = answers.filter((id) => comparableMailId(id) !== comparableMailId(messageId));
  for (const id of candidates) {
    const named = stored.filter((message) => hasId(message, id) && !message.contactDeleted);
    // Of mails with one Message-ID, the one of the channel that the answer came to.
    const found = named.find(({ channelId }) => !(channel instanceof AppError) && channelId === channel.id) ?? named[0];
    if (found) return found;
  }
  return undefined;
}

const hasId = ({ emailMessageId }: MailedMessage, id: string): boolean =>
  comparableMailId(emailMessageId) === comparableMailId(id);

/**
 * The message that is the same e-mail. Only the same content of the same sender in the same channel is: programs send all
 * their e-mails under one Message-ID.
 */
function knownOf(mail: Mail, stored: readonly MailedMessage[], { channel, isOurs }: Places, answeredIn: string | null) {
  const channelIds = [answeredIn, channel instanceof AppError ? null : channel.id];
  const digests = channelIds.map((channelId) => digestOf(mail, channelId));
  return stored.find((message) => {
    if (!hasId(message, mail.messageId)) return false;
    if (message.emailDigest !== null) return digests.includes(message.emailDigest);
    // Without a digest: what the team sent and got a copy of, or what was stored before there were digests.
    return message.direction === 'INBOUND' || isOurs;
  });
}

function digestOf({ from, subject, text, html, attachments }: Mail, channelId: string | null): string {
  const files = attachments.map(({ fileName, sizeBytes }) => [fileName, sizeBytes]);
  const said = JSON.stringify([channelId, from.address.toLowerCase(), subject, text, html, files]);
  return createHash('sha256').update(said).digest('base64url');
}

/** The stored messages with these Message-IDs. One statement. */
const findMailed = (tx: Transaction, { workspaceId }: Caller, ids: readonly string[]): Promise<MailedMessage[]> =>
  tx.$queryRaw<MailedMessage[]>(sql`
    SELECT m."emailMessageId", m."emailDigest", m."id" AS "messageId", m."direction", m."conversationId", c."channelId",
      c."customerId" AS "contactId", p."email" AS "contactEmail", p."name" AS "contactName",
      p."deletedAt" IS NOT NULL AS "contactDeleted"
    FROM "Message" AS m
    JOIN "Conversation" AS c ON c."workspaceId" = m."workspaceId" AND c."id" = m."conversationId"
    JOIN "Customer" AS p ON p."workspaceId" = c."workspaceId" AND p."id" = c."customerId"
    WHERE m."workspaceId" = ${workspaceId} AND m."emailMessageId" IS NOT NULL
      AND lower(m."emailMessageId") = ANY(${ids.map(comparableMailId)}::text[])
    ORDER BY m."sentAt" DESC, m."id" DESC LIMIT ${maxFound}`);

/** So many of the e-mails that have these Message-IDs are looked at, the latest first. */
const maxFound = 1_000;

/** Locks the conversation of the message; undefined if it was deleted meanwhile. */
async function lock(
  tx: Transaction,
  { workspaceId }: Caller,
  { conversationId }: MailedMessage,
): Promise<Conversation | undefined> {
  const [conversation] = await lockConversations(tx, workspaceId, [sql`r."id" = ${conversationId}`]);
  return conversation;
}

/** The author name: that of the contact; another sender is shown with the address. */
function authorOf({ address, name }: MailParticipant, { contactEmail, contactName }: MailedMessage): string {
  if (contactEmail?.toLowerCase() === address.toLowerCase()) return name ?? contactName ?? address;
  return name === null ? address : `${name} <${address}>`;
}
