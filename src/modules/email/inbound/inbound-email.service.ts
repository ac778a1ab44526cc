import type { Caller } from '../../../auth/caller.js';
import { type Database, isUniqueViolation, sql, type Transaction } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { AppError, badInput, notFound } from '../../../errors.js';
import type { Channel, Conversation } from '../../../generated/prisma/client.js';
import { beginConversation } from '../../conversation/conversation.start.js';
import { lockConversations } from '../../conversation/conversation.writes.js';
import { insertMessage } from '../../conversation/message/message.service.js';
import { summarise } from '../../conversation/message/message.summary.js';
import { findOrCreateContact } from '../../customer/customer.service.js';
import type { ParsedMail } from './inbound-email.parse.js';

/** Where a mail that came in went. */
export interface ReceivedMail {
  conversationId: string;
  messageId: string;
  /** Whom the conversation is with, who need not be the sender. */
  contactId: string;
  /** KNOWN when there is a message with this Message-ID already; that one is answered. */
  result: 'CREATED' | 'KNOWN';
}

type Sender = NonNullable<ParsedMail['from']>;

/** A message that a mail names by Message-ID, and the contact of its conversation. */
interface MailedMessage {
  emailMessageId: string;
  messageId: string;
  conversationId: string;
  contactId: string;
  contactEmail: string | null;
  contactName: string | null;
  contactDeleted: boolean;
}

export type InboundMailService = ReturnType<typeof inboundMailService>;

export function inboundMailService(db: Database) {
  return {
    /**
     * Makes a message of a mail: of the conversation that it answers, else the first one of a new conversation with its
     * sender, who becomes a contact. `channelId` names the channel for a mail that is addressed to none.
     * @throws BAD_USER_INPUT for a mail without a sender, NOT_FOUND when no channel has one of its addresses.
     */
    async receive(caller: Caller, mail: ParsedMail, channelId: string | null = null): Promise<ReceivedMail> {
      const { from } = mail;
      if (!from) throw badInput(['from'], 'The mail has no sender: its From header names no address.');
      const channel = await channelOf(db, caller, mail, channelId);
      const take = () => db.transaction((tx) => takeIn(tx, caller, channel, { ...mail, from }));
      try {
        return await take();
      } catch (error) {
        // The same mail was taken in meanwhile, which the next look sees.
        if (!isUniqueViolation(error)) throw error;
        return take();
      }
    },
  };
}

/** The channel with the first of the addresses that one has; with `help+anything@…` also that of `help@…`. */
async function channelOf(
  db: Database,
  { workspaceId }: Caller,
  { recipients }: ParsedMail,
  channelId: string | null,
): Promise<Channel> {
  const isMailbox = { workspaceId, kind: 'EMAIL' } as const;
  const addresses = recipients.flatMap((address) => [address, address.replace(/\+[^@]*@/, '@')]);
  // A workspace has a handful of them.
  const mailboxes = await db.prisma.channel.findMany({
    where: isMailbox,
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  for (const address of addresses) {
    const channel = mailboxes.find((mailbox) => mailbox.address?.toLowerCase() === address);
    if (channel) return channel;
  }
  if (channelId === null) {
    throw new AppError('NOT_FOUND', 'No e-mail channel has one of the addresses that the mail is sent to.');
  }
  const id = readId('Channel', channelId, ['channel']);
  const channel = mailboxes.find((mailbox) => mailbox.id === id);
  if (!channel) throw notFound('E-mail channel', ['channel']);
  return channel;
}

async function takeIn(
  tx: Transaction,
  caller: Caller,
  channel: Channel,
  mail: ParsedMail & { from: Sender },
): Promise<ReceivedMail> {
  const { from, text, html, messageId, automatic } = mail;
  const content = {
    direction: 'INBOUND' as const,
    text,
    html,
    emailMessageId: messageId,
    attachments: mail.attachments.map((file) => ({ ...file, url: null })),
  };
  const named = await findMailed(tx, caller, [messageId, ...mail.answers]);
  const known = named.get(messageId);
  if (known) return alreadyKnown(known);

  const answered = mail.answers.map((id) => named.get(id)).find((message) => message && !message.contactDeleted);
  const conversation = answered && (await lock(tx, caller, answered));
  if (answered && conversation) {
    const meanwhile = (await findMailed(tx, caller, [messageId])).get(messageId);
    if (meanwhile) return alreadyKnown(meanwhile);
    const author = { agentId: null, authorName: authorOf(from, answered) };
    const message = await insertMessage(tx, caller, conversation, { ...content, ...author });
    await summarise(tx, caller, conversation, message, { automatic });
    return created(conversation, message);
  }

  const { customer: contact } = await findOrCreateContact(
    tx,
    caller,
    { email: from.address, name: from.name },
    'EMAIL',
  );
  // Whoever takes in the same mail holds the same contact, so once it is ours we see what they wrote.
  const meanwhile = (await findMailed(tx, caller, [messageId])).get(messageId);
  if (meanwhile) return alreadyKnown(meanwhile);
  const begun = await beginConversation(
    tx,
    caller,
    { contact, channel, subject: mail.subject, assigneeId: null, externalId: null },
    { ...content, authorName: from.name },
  );
  return created(begun.conversation, begun.message);
}

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

/** Which of these mails are there, by Message-ID. One statement. */
async function findMailed(
  tx: Transaction,
  { workspaceId }: Caller,
  ids: readonly string[],
): Promise<Map<string, MailedMessage>> {
  const rows = await tx.$queryRaw<MailedMessage[]>(sql`
    SELECT m."emailMessageId", m."id" AS "messageId", m."conversationId", c."customerId" AS "contactId",
      p."email" AS "contactEmail", p."name" AS "contactName", p."deletedAt" IS NOT NULL AS "contactDeleted"
    FROM "Message" AS m
    JOIN "Conversation" AS c ON c."workspaceId" = m."workspaceId" AND c."id" = m."conversationId"
    JOIN "Customer" AS p ON p."workspaceId" = c."workspaceId" AND p."id" = c."customerId"
    WHERE m."workspaceId" = ${workspaceId} AND m."emailMessageId" IS NOT NULL
      AND m."emailMessageId" = ANY(${ids}::text[])`);
  return new Map(rows.map((row) => [row.emailMessageId, row]));
}

/** Locks the conversation of the message; undefined when it has been deleted meanwhile. */
async function lock(
  tx: Transaction,
  { workspaceId }: Caller,
  { conversationId }: MailedMessage,
): Promise<Conversation | undefined> {
  const [conversation] = await lockConversations(tx, workspaceId, [sql`r."id" = ${conversationId}`]);
  return conversation;
}

/** The contact's name; whoever else writes into the conversation is shown with the address. */
function authorOf({ address, name }: Sender, { contactEmail, contactName }: MailedMessage): string {
  if (contactEmail?.toLowerCase() === address.toLowerCase()) return name ?? contactName ?? address;
  return name === null ? address : `${name} <${address}>`;
}
