import type { Caller } from '../../../auth/caller.js';
import { raw, sql, type Transaction } from '../../../db/database.js';
import type { Conversation, MessageDirection } from '../../../generated/prisma/client.js';
import { lockConversations } from '../../conversation/conversation.writes.js';
import { comparableMailId, relayIdsOf } from '../../conversation/message/mail/mail-id.js';

/** A conversation that an e-mail may answer, and its contact. */
export interface Thread {
  conversationId: string;
  channelId: string | null;
  contactId: string;
  contactEmails: (string | null)[];
  contactName: string | null;
  contactDeleted: boolean;
}

/** A conversation that a recipient address names. */
export interface NamedThread extends Thread {
  emailMessageId: null;
  messageId: null;
}

/** A stored message with a Message-ID, and its conversation. */
export interface MailedMessage extends Thread {
  emailMessageId: string;
  relayMessageId: string | null;
  emailDigest: string | null;
  messageId: string;
  direction: MessageDirection;
}

/** Whether the message has this Message-ID, either its own or the one that the relay gave it. */
export const hasId = ({ emailMessageId, relayMessageId }: MailedMessage, id: string): boolean =>
  comparableMailId(emailMessageId) === comparableMailId(id) ||
  (relayMessageId !== null && relayIdsOf([id]).includes(comparableMailId(relayMessageId)));

const threadColumns = raw(`c."id" AS "conversationId", c."channelId", c."customerId" AS "contactId",
  array_append(p."otherEmails", p."email") AS "contactEmails", p."name" AS "contactName",
  p."deletedAt" IS NOT NULL AS "contactDeleted"`);

/** The conversation; undefined if its contact is deleted. */
export async function readThread(
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
export const findMailed = (
  tx: Transaction,
  { workspaceId }: Caller,
  ids: readonly string[],
): Promise<MailedMessage[]> =>
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
export async function lockThread(
  tx: Transaction,
  { workspaceId }: Caller,
  { conversationId }: Thread,
): Promise<Conversation | undefined> {
  const [conversation] = await lockConversations(tx, workspaceId, [sql`r."id" = ${conversationId}`]);
  return conversation;
}
