import type { z } from 'zod';
import type { Caller } from '../../auth/caller.js';
import type { Database, Transaction } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { notFound } from '../../errors.js';
import type { Channel, Conversation, Prisma } from '../../generated/prisma/client.js';
import { changesOf } from '../../lib/values/changes.js';
import { requireVersion } from '../../lib/values/version.js';
import { lockForAssignment } from '../agent/agent.writes.js';
import { mergeMetadata, metadataOf } from '../customer/customer.metadata.js';
import { type NewEvent, recordEvents } from '../events/event.service.js';
import { assigning, settingStatus } from './changes/change.kinds.js';
import type { RowChange } from './changes/change.statement.js';
import { writeChange } from './changes/change.writes.js';
import type { updateConversationInput } from './conversation.input.js';
import { lockConversation, updateConversation } from './conversation.writes.js';
import { snoozing, unsnoozing } from './times/conversation.snooze.js';

/** A conversation after a change, and whether there was one. */
export interface ConversationChange {
  conversation: Conversation;
  result: 'UPDATED' | 'UNCHANGED';
}

/** Writes the given fields of a conversation in one transaction. */
export function updateWhole(
  db: Database,
  caller: Caller,
  { id, ifVersion, assigneeId: assignee, status, snoozedUntil, ...given }: z.output<typeof updateConversationInput>,
): Promise<ConversationChange> {
  const assigneeId = assignee == null ? assignee : readId('Agent', assignee, ['assigneeId']);
  return db.transaction(async (tx) => {
    // Agents are locked before conversations.
    if (assigneeId != null && !(await lockForAssignment(tx, caller.workspaceId, assigneeId))) {
      throw notFound('Agent', ['assigneeId']);
    }
    const before = await lock(tx, caller, id, ifVersion);
    const steps: RowChange[] = [
      ...(assigneeId === undefined ? [] : [assigning(caller, assigneeId)]),
      ...(status === undefined ? [] : [settingStatus(status)]),
      ...(snoozedUntil === undefined ? [] : [snoozedUntil === null ? unsnoozing() : snoozing(snoozedUntil)]),
    ];
    let conversation = before;
    for (const step of steps) {
      const [written] = await writeChange(tx, caller, [before.id], step, ['id']);
      conversation = written ?? conversation;
    }
    const channelId =
      given.channelId == null ? given.channelId : (await requireChannel(tx, caller, given.channelId)).id;
    const metadata = given.metadata && mergeMetadata(before.metadata, given.metadata);
    const last = await writeChanges(tx, caller, conversation, { ...given, metadata, channelId });
    return conversation === before ? last : { ...last, result: 'UPDATED' };
  });
}

/** @throws NOT_FOUND, CONFLICT for the version. */
export async function lock(
  tx: Transaction,
  caller: Caller,
  id: string,
  ifVersion?: number | null,
): Promise<Conversation> {
  const conversation = await lockConversation(tx, caller, readId('Conversation', id, ['id']), 'id');
  requireVersion('conversation', conversation, ifVersion);
  return conversation;
}

/** @throws NOT_FOUND at channelId. */
export async function requireChannel(tx: Transaction, { workspaceId }: Caller, channelId: string): Promise<Channel> {
  const id = readId('Channel', channelId, ['channelId']);
  const channel = await tx.channel.findUnique({ where: { workspaceId_id: { workspaceId, id } } });
  if (!channel) throw notFound('Channel', ['channelId']);
  return channel;
}

/** The fields of a change, metadata as it is to be stored. */
type Given = {
  [Field in 'subject' | 'notes' | 'priority' | 'tags' | 'channelId']?: Conversation[Field] | undefined;
} & {
  metadata?: Prisma.JsonObject | undefined;
};

/** Writes what differs, with its event. */
export async function writeChanges(
  tx: Transaction,
  caller: Caller,
  conversation: Conversation,
  given: Given,
): Promise<ConversationChange> {
  const changes = changesOf({ ...conversation, metadata: metadataOf(conversation.metadata) }, given);
  if (!changes) return { conversation, result: 'UNCHANGED' };
  const event: NewEvent = { type: 'conversation.updated', entityId: conversation.id, data: { ...changes } };
  await recordEvents(tx, caller, [event]);
  return { conversation: await updateConversation(tx, conversation, changes.after), result: 'UPDATED' };
}
