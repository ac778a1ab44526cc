import type { Caller } from '../../auth/caller.js';
import { join, opaque, type Sql, sql, type Transaction } from '../../db/database.js';
import { conversations } from '../../db/reading/tables.js';
import { AppError, notFound } from '../../errors.js';
import type { Conversation, ConversationStatus, Prisma } from '../../generated/prisma/client.js';
import { isAssignable, lockAgentsForReading } from '../agent/agent.writes.js';
import { type NewEvent, recordingOf } from '../events/event.service.js';

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
 * The same, with the address of the conversation's e-mail channel, null if it has no such channel, its contact, and whom
 * the latest inbound message was from and to.
 */
export async function lockForMessage(
  tx: Transaction,
  { workspaceId }: Caller,
  id: string,
  path: string,
): Promise<{ conversation: Conversation } & ForMessage> {
  const [locked] = await tx.$queryRaw<(Conversation & ForMessage)[]>(sql`
    SELECT ${conversations.project().select('r')}, (
      SELECT c."address" FROM "Channel" AS c
      WHERE c."workspaceId" = r."workspaceId" AND c."id" = r."channelId" AND c."kind" = 'EMAIL') AS "mailbox", (
      SELECT json_build_object('name', p."name", 'address', p."email") FROM "Customer" AS p
      WHERE p."workspaceId" = r."workspaceId" AND p."id" = r."customerId") AS "contact", (
      SELECT m."participants" FROM "Message" AS m
      WHERE m."workspaceId" = r."workspaceId" AND m."conversationId" = r."id" AND m."direction" = 'INBOUND'
        AND NOT m."isAutomatic" ORDER BY m."sentAt" DESC, m."id" DESC LIMIT 1) AS "asked"
    FROM "Conversation" AS r WHERE r."workspaceId" = ${workspaceId} AND r."id" = ${id} FOR UPDATE`);
  if (!locked) throw notFound('Conversation', [path]);
  const { mailbox, contact, asked, ...conversation } = locked;
  return { conversation, mailbox, contact, asked };
}

interface ForMessage {
  mailbox: string | null;
  contact: { name: string | null; address: string | null };
  asked: unknown;
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
    data: { ...fields, version: { increment: 1 }, updatedAt: new Date() },
  });
}

/**
 * Sets the status of locked conversations, none of which has it yet, and records an event for each. Opening clears the
 * closing time, and unassigns a conversation whose assignee has been deactivated. Closing ends a snooze. Returns the new
 * rows in no particular order. The number of statements does not depend on the number of conversations.
 */
export async function writeStatus(
  tx: Transaction,
  caller: Caller,
  locked: readonly Conversation[],
  status: ConversationStatus,
): Promise<Conversation[]> {
  if (locked.length === 0) return [];
  const events = locked.map(({ id, status: before }) => statusChanged(id, before, status));
  if (status !== 'OPEN') {
    const set = sql`"closedAt" = COALESCE(r."closedAt", ${new Date()}::timestamptz), "snoozedUntil" = NULL`;
    return writeAll(tx, caller, locked, events, sql`"status" = ${status}::"ConversationStatus", ${set}`);
  }
  const abandoned = await abandonedAmong(tx, caller.workspaceId, locked);
  events.push(...abandoned.map((conversation) => assigned(conversation, null)));
  const assignee = sql`CASE WHEN r."id" = ANY(${idsOf(abandoned)}::text[]) THEN NULL ELSE r."assigneeId" END`;
  return writeAll(tx, caller, locked, events, sql`"status" = 'OPEN', "closedAt" = NULL, "assigneeId" = ${assignee}`);
}

/** Assigns locked conversations to a locked agent who does not have them yet, or unassigns them. See `writeStatus`. */
export async function writeAssignee(
  tx: Transaction,
  caller: Caller,
  locked: readonly Conversation[],
  assigneeId: string | null,
): Promise<Conversation[]> {
  if (locked.length === 0) return [];
  const events = locked.map((conversation) => assigned(conversation, assigneeId));
  return writeAll(tx, caller, locked, events, sql`"assigneeId" = ${assigneeId}`);
}

/** Reassigns the open conversations of an agent to another locked agent, or unassigns them. Returns their number. */
export async function reassignOpen(
  tx: Transaction,
  caller: Caller,
  fromId: string,
  toId: string | null,
): Promise<number> {
  const open = [sql`r."assigneeId" = ${fromId}`, sql`r."status" = 'OPEN'`];
  const locked = await lockConversations(tx, caller.workspaceId, open);
  await writeAssignee(tx, caller, locked, toId);
  return locked.length;
}

/** Those of the conversations whose assignee was deactivated: they become unassigned when they are opened. */
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
 * The condition that the contact of the conversation `r` is deleted. Read after the conversation was locked it says whether
 * the conversation will be, or was, erased: that waits for the lock.
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

/** Writes the rows and their events in one statement. */
const writeAll = (
  tx: Transaction,
  caller: Caller,
  locked: readonly Conversation[],
  events: readonly NewEvent[],
  set: Sql,
): Promise<Conversation[]> =>
  tx.$queryRaw<Conversation[]>(sql`WITH recorded AS (${recordingOf(tx, caller, events)})
    UPDATE "Conversation" AS r
    SET ${set}, "version" = r."version" + 1, "updatedAt" = ${new Date()}::timestamptz
    WHERE r."workspaceId" = ${caller.workspaceId} AND r."id" = ANY(${opaque(idsOf(locked))}::text[])
    RETURNING ${conversations.project().select('r')}`);

const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);

/**
 * Updates the customer's summary of its conversations after a new message, or a new conversation with its first one.
 * @throws NOT_FOUND when the customer was deleted.
 */
export async function summariseForCustomer(
  tx: Transaction,
  conversation: Conversation,
  message: { sentAt: Date; preview: string },
  newConversations: number,
): Promise<void> {
  const written = await tx.$executeRaw(sql`UPDATE "Customer" SET
      "conversationCount" = "conversationCount" + ${newConversations},
      "lastMessagePreview" = CASE WHEN "lastMessageAt" > ${message.sentAt}::timestamptz
        THEN "lastMessagePreview" ELSE ${message.preview} END,
      "lastMessageAt" = GREATEST("lastMessageAt", ${message.sentAt}::timestamptz)
    WHERE "workspaceId" = ${conversation.workspaceId} AND "id" = ${conversation.customerId} AND "deletedAt" IS NULL`);
  if (written === 0) throw contactDeleted(conversation);
}

/**
 * Joins `asked`, when the customer first wrote, and `answer`, when the team first answered that, each null before it,
 * to a statement in which `conversation` is the id of a conversation. Internal notes are no answer.
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
