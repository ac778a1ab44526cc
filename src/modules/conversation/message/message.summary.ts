import type { Caller } from '../../../auth/caller.js';
import { sql, type Transaction } from '../../../db/database.js';
import type { Conversation, Message } from '../../../generated/prisma/client.js';
import { type NewEvent, recordEvents } from '../../events/event.service.js';
import { isSnoozed, snoozeChanged } from '../conversation.snooze.js';
import {
  abandonedAmong,
  assigned,
  joinFirstTimes,
  statusChanged,
  summariseForCustomer,
  updateConversation,
} from '../conversation.writes.js';

type FirstTimes = Pick<Conversation, 'firstInboundAt' | 'firstResponseAt'>;

/**
 * Updates the summary columns of a locked conversation and of its customer after a new message. An inbound message counts
 * as unread, opens a conversation that is not open and ends a snooze, unless it is `automatic`: written by a program. An
 * internal note changes nothing.
 */
export async function summarise(
  tx: Transaction,
  caller: Caller,
  conversation: Conversation,
  message: Message,
  { automatic = false } = {},
): Promise<Conversation> {
  if (message.internal) return conversation;
  const { id, workspaceId } = conversation;
  const events: NewEvent[] = [];
  const needsAttention = message.direction === 'INBOUND' && !automatic;
  const reopened = needsAttention && conversation.status !== 'OPEN';
  const abandoned = reopened && (await abandonedAmong(tx, workspaceId, [conversation])).length > 0;
  if (reopened) events.push(statusChanged(id, conversation.status, 'OPEN'));
  if (abandoned) events.push(assigned(conversation, null));
  if (needsAttention && isSnoozed(conversation)) events.push(snoozeChanged(conversation, null));
  await recordEvents(tx, caller, events);

  await summariseForCustomer(tx, conversation, message, 0);
  return updateConversation(tx, conversation, {
    ...(message.sentAt >= conversation.lastMessageAt && {
      lastMessageAt: message.sentAt,
      lastMessagePreview: message.preview,
    }),
    ...(needsAttention && { unreadCount: { increment: 1 }, snoozedUntil: null }),
    ...(reopened && { status: 'OPEN', closedAt: null }),
    ...(abandoned && { assigneeId: null }),
    ...(await firstTimes(tx, conversation, message)),
  });
}

/** The times of the first inbound message and the first response, if the message may have changed them. */
async function firstTimes(
  tx: Transaction,
  conversation: Conversation,
  { direction, sentAt }: Message,
): Promise<Partial<FirstTimes>> {
  if (direction === 'SYSTEM') return {};
  if (sentAt <= conversation.lastMessageAt) return readFirstTimes(tx, conversation);
  if (direction === 'INBOUND') return conversation.firstInboundAt ? {} : { firstInboundAt: sentAt };
  return conversation.firstInboundAt && !conversation.firstResponseAt ? { firstResponseAt: sentAt } : {};
}

/** Reads all messages, because one with an earlier time than others may be the first inbound message or the first response. */
async function readFirstTimes(tx: Transaction, { workspaceId, id }: Conversation): Promise<Partial<FirstTimes>> {
  const [times = {}] = await tx.$queryRaw<Partial<FirstTimes>[]>(sql`
    SELECT asked."sentAt" AS "firstInboundAt", answer."sentAt" AS "firstResponseAt"
    FROM (SELECT) AS one ${joinFirstTimes(workspaceId, sql`${id}`)}`);
  return times;
}
