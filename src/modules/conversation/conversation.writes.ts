import { sql, type Transaction } from '../../db/database.js';
import { conversations } from '../../db/tables.js';
import { AppError, notFound } from '../../errors.js';
import type { Conversation, Prisma } from '../../generated/prisma/client.js';
import type { Caller } from '../workspace/caller.js';

/**
 * The conversation, locked until the transaction ends: every change of one goes through here, so two callers who
 * change the same one do it one after the other.
 * @throws NOT_FOUND at `path` when the workspace has none.
 */
export async function lockConversation(
  tx: Transaction,
  caller: Caller,
  id: string,
  path: string,
): Promise<Conversation> {
  const [conversation] = await tx.$queryRaw<Conversation[]>(sql`SELECT ${conversations.project().select('r')}
    FROM "Conversation" AS r WHERE r."workspaceId" = ${caller.workspaceId} AND r."id" = ${id} FOR UPDATE`);
  if (!conversation) throw notFound('Conversation', [path]);
  return conversation;
}

/** @throws CONFLICT when the conversation is not at the version that the caller knows. */
export function requireVersion({ id, version }: Conversation, ifVersion: number | null | undefined): void {
  if (ifVersion == null || ifVersion === version) return;
  const message = `The conversation is at version ${version}, not ${ifVersion}: somebody changed it.`;
  throw new AppError('CONFLICT', message, { path: ['ifVersion'], conflictingId: id, retryable: true });
}

/** Writes the fields of a locked conversation and counts its version up. */
export function updateConversation(
  tx: Transaction,
  { workspaceId, id }: Conversation,
  fields: Prisma.ConversationUncheckedUpdateInput,
): Promise<Conversation> {
  return tx.conversation.update({
    where: { workspaceId_id: { workspaceId, id } },
    data: { ...fields, version: { increment: 1 }, updatedAt: new Date() },
  });
}

/** Keeps the customer's summary of its conversations right after a message, or after a new conversation with one. */
export async function summariseForCustomer(
  tx: Transaction,
  conversation: Conversation,
  message: { sentAt: Date; preview: string },
  newConversations: number,
): Promise<void> {
  await tx.$executeRaw(sql`UPDATE "Customer" SET
      "conversationCount" = "conversationCount" + ${newConversations},
      "lastMessagePreview" = CASE WHEN "lastMessageAt" > ${message.sentAt}::timestamptz
        THEN "lastMessagePreview" ELSE ${message.preview} END,
      "lastMessageAt" = GREATEST("lastMessageAt", ${message.sentAt}::timestamptz)
    WHERE "workspaceId" = ${conversation.workspaceId} AND "id" = ${conversation.customerId}`);
}
