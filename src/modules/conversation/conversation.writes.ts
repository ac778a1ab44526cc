import type { Caller } from '../../auth/caller.js';
import { join, opaque, type Sql, sql, type Transaction } from '../../db/database.js';
import { conversations } from '../../db/reading/tables.js';
import { AppError, notFound } from '../../errors.js';
import type { Conversation, ConversationStatus, Prisma } from '../../generated/prisma/client.js';
import { nextVersion } from '../../lib/values/version.js';
import { isAssignable, lockAgentsForReading } from '../agent/agent.writes.js';
import type { NewEvent } from '../events/event.service.js';

/**
 * The conversation, locked until the transaction ends. Every change locks the conversation first, so that two changes
 * of the same conversation run one after the other.
 * @throws NOT_FOUND at `path` if the workspace has none with this id.
 */
export async function lockConversation(
  tx: Transaction,
  caller: Caller,
  id: string,
  path: string,
): Promise<Conversation> {
  const [conversation] = await lockConversations(tx, caller.workspaceId, [sql`r."id" = ${id}`]);
  if (!conversation) throw notFound('Conversation', [path]);
  return conversation;
}

/**
 * The conversations that match the conditions over `r`, locked until the transaction ends, in the order of their ids
 * against deadlocks.
 */
export const lockConversations = (
  tx: Transaction,
  workspaceId: string,
  where: readonly Sql[],
  limit: number | null = null,
): Promise<Conversation[]> =>
  tx.$queryRaw<Conversation[]>(sql`SELECT ${conversations.project().select('r')} FROM "Conversation" AS r
    WHERE ${join([sql`r."workspaceId" = ${workspaceId}`, ...where], ' AND ')}
    ORDER BY r."id" LIMIT ${limit}::int FOR UPDATE`);

/** Writes the fields of a locked conversation and increments its version. */
export function updateConversation(
  tx: Transaction,
  { workspaceId, id }: Conversation,
  fields: Prisma.ConversationUncheckedUpdateInput,
): Promise<Conversation> {
  return tx.conversation.update({
    where: { workspaceId_id: { workspaceId, id } },
    data: nextVersion(fields),
  });
}

/** The conversations among these whose assignee was deactivated. They become unassigned when they are opened. */
export async function abandonedAmong<Row extends { assigneeId: string | null }>(
  tx: Transaction,
  workspaceId: string,
  rows: readonly Row[],
): Promise<Row[]> {
  const assigneeIds = new Set(rows.flatMap(({ assigneeId }) => assigneeId ?? []));
  if (assigneeIds.size === 0) return [];
  const agents = await lockAgentsForReading(tx, workspaceId, [...assigneeIds]);
  return rows.filter(({ assigneeId }) => assigneeId !== null && !isAssignable(agents.get(assigneeId)));
}

export const statusChanged = (id: string, before: ConversationStatus, after: ConversationStatus): NewEvent => ({
  type: 'conversation.status_changed',
  entityId: id,
  data: { before: { status: before }, after: { status: after } },
});

export const assigned = (
  { id, assigneeId: before }: Pick<Conversation, 'id' | 'assigneeId'>,
  assigneeId: string | null,
): NewEvent => ({
  type: 'conversation.assigned',
  entityId: id,
  data: { before: { assigneeId: before }, after: { assigneeId } },
});

/**
 * The condition that the contact of conversation `r` is deleted. Erasure waits for the lock on the conversation. So
 * after locking it, this condition tells whether the conversation was or will be erased.
 */
export const isOrphaned = sql`EXISTS (SELECT FROM "Customer" AS p
  WHERE p."workspaceId" = r."workspaceId" AND p."id" = r."customerId" AND p."deletedAt" IS NOT NULL)`;

/** The first of the locked conversations whose contact was deleted: it takes no messages and stays closed. */
export async function orphanAmong<Row extends { id: string }>(
  tx: Transaction,
  workspaceId: string,
  locked: readonly Row[],
): Promise<Row | undefined> {
  const [orphan] = await tx.$queryRaw<{ id: string }[]>(sql`SELECT r."id" FROM "Conversation" AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = ANY(${opaque(idsOf(locked))}::text[]) AND ${isOrphaned} LIMIT 1`);
  return locked.find(({ id }) => id === orphan?.id);
}

export const contactDeleted = ({ id }: Pick<Conversation, 'id'>, path: readonly (string | number)[] = []): AppError =>
  new AppError('NOT_FOUND', `The contact of this conversation was deleted: ${id}.`, { path });

const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);

/** The changes of a new message, or of a new conversation with its first message, in the row of the customer `c`. */
export const customerSummary = (message: { sentAt: Date; preview: string }, newConversations: number): Sql => sql`
  "conversationCount" = c."conversationCount" + ${newConversations}::int,
  "lastMessagePreview" = CASE WHEN c."lastMessageAt" > ${message.sentAt}::timestamptz
    THEN c."lastMessagePreview" ELSE ${message.preview} END,
  "lastMessageAt" = GREATEST(c."lastMessageAt", ${message.sentAt}::timestamptz)`;

/**
 * Updates the customer's summary of its conversations after a new conversation with its first message.
 * @throws NOT_FOUND when the customer was deleted.
 */
export async function summariseForCustomer(
  tx: Transaction,
  conversation: Conversation,
  message: { sentAt: Date; preview: string },
): Promise<void> {
  const written = await tx.$executeRaw(sql`UPDATE "Customer" AS c SET ${customerSummary(message, 1)}
    WHERE c."workspaceId" = ${conversation.workspaceId} AND c."id" = ${conversation.customerId} AND c."deletedAt" IS NULL`);
  if (written === 0) throw contactDeleted(conversation);
}

/**
 * Joins two times to a statement in which `conversation` is the id of a conversation: `asked`, when the customer first
 * wrote, and `answer`, when the team first answered after that. Each is null before that. Internal notes are not
 * answers.
 */
export const joinFirstTimes = (workspaceId: string, conversation: Sql): Sql => {
  const said = sql`FROM "Message" AS m
    WHERE m."workspaceId" = ${workspaceId} AND m."conversationId" = ${conversation} AND NOT m."internal"`;
  return sql`LEFT JOIN LATERAL (
      SELECT m."sentAt", m."id" ${said} AND m."direction" = 'INBOUND' ORDER BY m."sentAt", m."id" LIMIT 1
    ) AS asked ON true
    LEFT JOIN LATERAL (
      SELECT m."sentAt" ${said} AND m."direction" = 'OUTBOUND'
        AND (m."sentAt", m."id") > (asked."sentAt", asked."id") ORDER BY m."sentAt", m."id" LIMIT 1
    ) AS answer ON true`;
};
