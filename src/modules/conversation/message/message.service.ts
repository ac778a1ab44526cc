import type { Caller } from '../../../auth/caller.js';
import { type Database, type Transaction, writeIn } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { lockRow } from '../../../db/reading/rows.js';
import { conversations, messages } from '../../../db/reading/tables.js';
import { Overtaken } from '../../../db/writing/import-batch.js';
import { retryWhenOvertaken } from '../../../db/writing/rerun.js';
import { badInput, conflict, notFound } from '../../../errors.js';
import type { Conversation, Message } from '../../../generated/prisma/client.js';
import { previewOf } from '../../../lib/text/preview.js';
import { parseInput } from '../../../lib/values/validation.js';
import { requireVersion } from '../../../lib/values/version.js';
import { recordEvents } from '../../events/event.service.js';
import { takeUploads } from '../../file/upload/upload.writes.js';
import { insertAttachments } from '../attachment/attachment.writes.js';
import {
  type ChangedConversation,
  changing,
  hasWritten,
  type RowChange,
  throwRefusal,
} from '../changes/change.statement.js';
import { contactDeleted, orphanAmong } from '../conversation.writes.js';
import { addressees } from './mail/message.addressees.js';
import { enqueueMail, type OutgoingMail } from './mail/message.outgoing.js';
import {
  type AddMessageInput,
  addMessageInput,
  type EditNoteInput,
  editNoteInput,
  type ResendMessageInput,
  resendMessageInput,
} from './message.input.js';
import { correctFirstTimes } from './message.summary.js';
import { adding, authorOf, isSent, messageRow, type NewMessage, readForMessage } from './message.writes.js';

/** The result of a change of an existing message. */
export interface ChangedMessage {
  message: Message;
  result: 'UPDATED' | 'UNCHANGED';
}

export interface AddedMessage {
  message: Message;
  conversation: Conversation;
  /** UNCHANGED if the conversation already has a message with this externalId, which is returned. */
  result: 'CREATED' | 'UNCHANGED';
}

export function messageService(db: Database, outgoing: OutgoingMail | null = null) {
  return {
    /**
     * Adds a message to a conversation. An inbound message counts as unread and reopens a closed conversation. An internal
     * note does not change the preview and the times. An outbound message is sent by e-mail if the channel of the
     * conversation is an e-mail channel, unless it has a `sentAt`: then another system has already sent it.
     * @throws InvalidInput, NOT_FOUND for the conversation or agent, CONFLICT for the version or the externalId.
     */
    add(caller: Caller, input: AddMessageInput): Promise<AddedMessage> {
      const {
        conversationId: conversation,
        agentId: agent,
        ifVersion,
        to,
        cc,
        bcc,
        attachments,
        attachmentIds,
        ...content
      } = parseInput(addMessageInput, input);
      const conversationId = readId('Conversation', conversation, ['conversationId']);
      const agentId = agent == null ? caller.agentId : readId('Agent', agent, ['agentId']);
      return retryWhenOvertaken([], async (attempt) => {
        const seen = await readForMessage(db, caller, conversationId, agentId);
        const { mailbox } = seen;
        const mailed = outgoing && mailbox !== null && content.sentAt == null && { mailbox, ...outgoing };
        const goesOut = content.direction === 'OUTBOUND' && !content.isInternal && mailbox !== null;
        const message: NewMessage = {
          ...content,
          ...authorOf({ ...content, agentId }, seen),
          participants: addressees({ to, cc, bcc }, goesOut ? { ...seen, mailbox } : null),
          ...(mailed && { mailed }),
        };
        const row = messageRow({ workspaceId: caller.workspaceId, id: conversationId }, message);
        // If two messages are added at once, the second may have the earlier time. It then reads the other messages to
        // compute the first times.
        const hasTimes = !content.isInternal && content.direction !== 'SYSTEM';
        const isLatest = hasTimes && attempt === 1 && row.sentAt > seen.lastMessageAt;
        const corrects = hasTimes && !isLatest;
        const change = adding(row, seen, { isLatest });
        const { workspaceId, actorId } = caller;
        const statement = changing(workspaceId, [{ id: conversationId, actorId, ifVersion }], change);
        const isAlone = !corrects && !isSent(message) && attachments.length === 0 && attachmentIds.length === 0;
        // Both branches return the same type, because a repetition under an idempotency key may take the other branch.
        const [changed] = isAlone
          ? await db.write<ChangedConversation>(statement, caller.workspaceId, hasWritten)
          : await db.transaction(async (tx) => {
              const rows = await writeIn<ChangedConversation>(tx, statement, caller.workspaceId, hasWritten);
              if (!hasWritten(rows)) return rows;
              if (isSent(message)) await enqueueMail(tx, row);
              const uploads = await takeUploads(tx, caller, attachmentIds, ['attachmentIds']);
              await insertAttachments(tx, row, [...attachments, ...uploads]);
              if (!corrects) return rows;
              const [corrected] = await correctFirstTimes(tx, { workspaceId: caller.workspaceId, id: conversationId });
              return rows.map((one) => ({ ...one, ...corrected }));
            });
        if (!changed) throw notFound('Conversation', ['conversationId']);
        // The version may have changed because the same call was made before. Its message is now visible.
        if (changed.outcome === 'CONFLICT' && content.externalId != null && attempt === 1) throw new Overtaken();
        return addedBy(change, changed, ifVersion);
      });
    },

    /**
     * Replaces the content of an internal note; without `html` the note has none. The conversation is not changed.
     * @throws InvalidInput, BAD_USER_INPUT for a message that is no note, NOT_FOUND, CONFLICT for the version.
     */
    editNote(caller: Caller, input: EditNoteInput): Promise<ChangedMessage> {
      const { id: given, text, html = null, ifVersion } = parseInput(editNoteInput, input);
      const id = readId('Message', given, ['id']);
      return db.transaction(async (tx) => {
        const note = await lockRow(tx, 'Message', { workspaceId: caller.workspaceId, id });
        await requireContact(tx, note);
        if (!note.internal) throw badInput(['id'], 'Only internal notes can be edited.');
        requireVersion('note', note, ifVersion);
        if (note.text === text && note.html === html) return { message: note, result: 'UNCHANGED' };
        const preview = previewOf(text);
        const { conversationId } = note;
        const data = { before: { preview: note.preview }, after: { conversationId, preview } };
        await recordEvents(tx, caller, [{ type: 'message.updated', entityId: id, data }]);
        const message = await tx.message.update({
          where: { workspaceId_id: { workspaceId: caller.workspaceId, id } },
          data: { text, html, preview, version: { increment: 1 }, editedAt: new Date() },
        });
        return { message, result: 'UPDATED' };
      });
    },

    /**
     * Sends the e-mail of a message again after it failed. UNCHANGED while it waits to be sent.
     * @throws NOT_FOUND, BAD_USER_INPUT for a message that has not failed.
     */
    resend(caller: Caller, input: ResendMessageInput): Promise<ChangedMessage> {
      const id = readId('Message', parseInput(resendMessageInput, input).id, ['id']);
      return db.transaction(async (tx) => {
        const failed = await lockRow(tx, 'Message', { workspaceId: caller.workspaceId, id });
        await requireContact(tx, failed);
        if (failed.status === 'QUEUED') return { message: failed, result: 'UNCHANGED' };
        if (failed.status !== 'FAILED' || failed.emailMessageId === null) {
          throw badInput(['id'], 'Only a message whose e-mail failed can be sent again.');
        }
        const { conversationId } = failed;
        const data = { before: { status: 'FAILED' }, after: { conversationId, status: 'QUEUED' } };
        await recordEvents(tx, caller, [{ type: 'message.updated', entityId: id, data }]);
        const message = await tx.message.update({
          where: { workspaceId_id: { workspaceId: caller.workspaceId, id } },
          data: {
            status: 'QUEUED',
            sendAttempts: 0,
            failureCode: null,
            failureReason: null,
            failureIsPermanent: null,
            failureRecipient: null,
          },
        });
        await enqueueMail(tx, message);
        return { message, result: 'UPDATED' };
      });
    },
  };
}

/**
 * Locks a message. A message of a deleted contact must not be changed; erasure waits for the lock.
 * @throws NOT_FOUND
 */
async function requireContact(tx: Transaction, { workspaceId, conversationId: id }: Message): Promise<void> {
  if (await orphanAmong(tx, workspaceId, [{ id }])) throw contactDeleted({ id }, ['id']);
}

/**
 * The result of adding a message.
 * @throws the error with which the change refuses, CONFLICT for the version or the externalId.
 */
function addedBy(change: RowChange, changed: ChangedConversation, ifVersion: number | null | undefined): AddedMessage {
  throwRefusal(change, changed, []);
  const conversation = conversations.project().named(changed);
  if (changed.outcome === 'CONFLICT') requireVersion('conversation', conversation, ifVersion);
  const message = messages.project().named(changed, 'm');
  if (message.conversationId !== conversation.id) {
    const { id } = message;
    throw conflict(['externalId'], `A message of another conversation has this externalId: ${id}.`, id);
  }
  return { message, conversation, result: changed.outcome === 'UPDATED' ? 'CREATED' : 'UNCHANGED' };
}
