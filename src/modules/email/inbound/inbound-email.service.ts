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

/** The message that an inbound e-mail became, and its conversation. */
export interface ReceivedMail {
  conversationId: string;
  messageId: string;
  /** The contact of the conversation, who need not be the sender. */
  contactId: string;
  /** KNOWN if there was already a message with this Message-ID, which is returned. */
  result: 'CREATED' | 'KNOWN';
}

type Sender = NonNullable<ParsedMail['from']>;

/** A stored message with a Message-ID, and the contact of its conversation. */
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
     * Stores an e-mail as a message: in the conversation that it answers, else as the first message of a new conversation
     * with its sender, who becomes a contact. `channelId` is the channel if no channel has one of the recipient addresses.
     * @throws BAD_USER_INPUT for an e-mail without a sender, NOT_FOUND if there is no channel.
     */
    async receive(caller: Caller, mail: ParsedMail, channelId: string | null = null): Promise<ReceivedMail> {
      const { from } = mail;
      if (!from) throw badInput(['from'], 'The mail has no sender: its From header names no address.');
      const channel = await channelOf(db, caller, mail, channelId);
      const store = () => db.transaction((tx) => storeMail(tx, caller, channel, { ...mail, from }));
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

/** The channel of the first recipient address that belongs to one; `help+anything@…` also matches `help@…`. */
async function channelOf(
  db: Database,
  { workspaceId }: Caller,
  { recipients }: ParsedMail,
  channelId: string | null,
): Promise<Channel> {
  const isMailbox = { workspaceId, kind: 'EMAIL' } as const;
  const addresses = recipients.flatMap((address) => [address, address.replace(/\+[^@]*@/, '@')]);
  // A workspace has only a few of them.
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

async function storeMail(
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
  const stored = await findMailed(tx, caller, [messageId, ...mail.answers]);
  const known = stored.get(messageId);
  if (known) return alreadyKnown(known);

  const answered = mail.answers.map((id) => stored.get(id)).find((message) => message && !message.contactDeleted);
  const conversation = answered && (await lock(tx, caller, answered));
  if (answered && conversation) {
    const now = await findMailed(tx, caller, [messageId, answered.emailMessageId]);
    const meanwhile = now.get(messageId);
    if (meanwhile) return alreadyKnown(meanwhile);
    // Its contact may have been deleted before the conversation was locked: then the mail begins another one.
    if (now.get(answered.emailMessageId)?.contactDeleted === false) {
      const author = { agentId: null, authorName: authorOf(from, answered) };
      const message = await insertMessage(tx, caller, conversation, { ...content, ...author });
      await summarise(tx, caller, conversation, message, { automatic });
      return created(conversation, message);
    }
  }

  const { customer: contact } = await findOrCreateContact(
    tx,
    caller,
    { email: from.address, name: from.name },
    'EMAIL',
  );
  // The same contact is locked by any transaction that stores the same e-mail, so its message is visible now.
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

/** The stored messages with these Message-IDs. One statement. */
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
function authorOf({ address, name }: Sender, { contactEmail, contactName }: MailedMessage): string {
  if (contactEmail?.toLowerCase() === address.toLowerCase()) return name ?? contactName ?? address;
  return name === null ? address : `${name} <${address}>`;
}
