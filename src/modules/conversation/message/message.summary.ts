import type { Caller } from '../../../auth/caller.js';
import { join, raw, type Sql, sql, type Transaction } from '../../../db/database.js';
import { conversations } from '../../../db/reading/tables.js';
import type { Conversation, Message } from '../../../generated/prisma/client.js';
import { contactsLocked, isContactDeleted, opening } from '../changes/change.kinds.js';
import { isMade, type RowChange } from '../changes/change.statement.js';
import { writeChange } from '../changes/change.writes.js';
import { contactDeleted, customerSummary, joinFirstTimes } from '../conversation.writes.js';
import { snoozeEnded } from '../times/conversation.snooze.js';

/** The fields of a message that summaries use. */
type Summarised = Pick<Message, 'workspaceId' | 'internal' | 'direction' | 'sentAt' | 'preview'>;

const refusal: NonNullable<RowChange['refusal']> = {
  when: isContactDeleted,
  error: (conversation) => contactDeleted(conversation),
};

/**
 * The changes of a new message in its conversation and in the summary of its contact. An inbound message counts as
 * unread, opens a conversation that is not open and ends a snooze, unless it is `automatic` (written by a program). An
 * internal note changes nothing. The first times are correct only if the message is later than all others; see
 * `correctFirstTimes`.
 */
export function summarising(message: Summarised, { automatic = false } = {}): RowChange {
  if (message.internal) return { after: { contact: contactsLocked('SHARE') }, refusal, events: [] };
  const sentAt = sql`${message.sentAt}::timestamptz`;
  const needsAttention = message.direction === 'INBOUND' && !automatic;
  const set = [
    sql`"lastMessageAt" = GREATEST(r."lastMessageAt", ${sentAt})`,
    sql`"lastMessagePreview" = CASE WHEN ${sentAt} >= r."lastMessageAt" THEN ${message.preview} ELSE r."lastMessagePreview" END`,
    ...firstTimes(message.direction, sentAt),
    ...(needsAttention ? [raw('"unreadCount" = r."unreadCount" + 1, "snoozedUntil" = NULL'), opening.set] : []),
  ];
  return {
    ...(needsAttention && { decided: opening.decided }),
    after: { contact: contactsLocked('NO KEY UPDATE'), ...(needsAttention && opening.after) },
    refusal,
    set: join(set),
    writes: {
      summary: sql`UPDATE "Customer" AS c SET ${customerSummary(message, 0)} FROM d
        WHERE c."workspaceId" = ${message.workspaceId} AND c."id" = d."customerId" AND ${isMade}`,
    },
    events: needsAttention ? [...opening.events, snoozeEnded()] : [],
  };
}

function firstTimes(direction: Message['direction'], sentAt: Sql): Sql[] {
  if (direction === 'INBOUND') return [sql`"firstInboundAt" = COALESCE(r."firstInboundAt", ${sentAt})`];
  if (direction === 'SYSTEM') return [];
  const isFirst = raw('r."firstInboundAt" IS NOT NULL AND r."firstResponseAt" IS NULL');
  return [sql`"firstResponseAt" = CASE WHEN ${isFirst} THEN ${sentAt} ELSE r."firstResponseAt" END`];
}

/** Makes the change of a message that was just inserted into a locked conversation. */
export async function summarise(
  tx: Transaction,
  caller: Caller,
  conversation: Conversation,
  message: Message,
  options?: { automatic?: boolean },
): Promise<void> {
  if (message.internal) return;
  await writeChange(tx, caller, [conversation.id], summarising(message, options));
  if (message.sentAt <= conversation.lastMessageAt) await correctFirstTimes(tx, conversation);
}

/**
 * Recomputes the times of the first inbound message and of the first response from all messages, because a message with
 * an earlier time may be either. Must be called after the message was inserted. Returns the conversation.
 */
export async function correctFirstTimes(
  tx: Transaction,
  { workspaceId, id }: Pick<Conversation, 'workspaceId' | 'id'>,
): Promise<Conversation[]> {
  return tx.$queryRaw<Conversation[]>(sql`
    UPDATE "Conversation" AS r SET "firstInboundAt" = asked."sentAt", "firstResponseAt" = answer."sentAt"
    FROM (SELECT) AS one ${joinFirstTimes(workspaceId, sql`${id}`)}
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = ${id} RETURNING ${conversations.project().select('r')}`);
}
