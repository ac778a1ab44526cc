import type { Caller } from '../../../auth/caller.js';
import type { Database, Transaction } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { newId } from '../../../db/ids.js';
import { lockRow } from '../../../db/reading/rows.js';
import { badInput, conflict, notFound } from '../../../errors.js';
import type { Conversation, Message, MessageDirection, MessageStatus } from '../../../generated/prisma/client.js';
import { previewOf } from '../../../lib/text/preview.js';
import { parseInput } from '../../../lib/values/validation.js';
import { requireVersion } from '../../../lib/values/version.js';
import { recordEvents } from '../../events/event.service.js';
import { type AttachedFile, insertAttachments } from '../attachment/attachment.writes.js';
import { contactDeleted, lockForMessage, orphanAmong } from '../conversation.writes.js';
import { addressees } from './mail/message.addressees.js';
import { enqueueMail, messageIdOf, type OutgoingMail } from './mail/message.outgoing.js';
import { type Participants, participantsColumn } from './mail/message.participants.js';
import {
  type AddMessageInput,
  addMessageInput,
  type EditNoteInput,
  editNoteInput,
  type ResendMessageInput,
  resendMessageInput,
} from './message.input.js';
import { summarise } from './message.summary.js';

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

export type MessageService = ReturnType<typeof messageService>;

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
        ...content
      } = parseInput(addMessageInput, input);
      const conversationId = readId('Conversation', conversation, ['conversationId']);
      const agentId = agent == null ? caller.agentId : readId('Agent', agent, ['agentId']);
      return db.transaction(async (tx) => {
        const {
          conversation: locked,
          mailbox,
          contact,
          asked,
        } = await lockForMessage(tx, caller, conversationId, 'conversationId');
        const known = await withExternalId(tx, locked, content.externalId);
        // Before the version is checked, because a repeated call finds the version that the first call made.
        if (known) return { message: known, conversation: locked, result: 'UNCHANGED' };
        requireVersion('conversation', locked, ifVersion);

        // Visible messages are summarised for the contact, which finds out by itself.
        if (content.isInternal && (await orphanAmong(tx, caller.workspaceId, [locked]))) throw contactDeleted(locked);
        const author = await authorOf(tx, locked, { ...content, agentId });
        const mailed = outgoing && mailbox !== null && content.sentAt == null && { mailbox, ...outgoing };
        const goesOut = content.direction === 'OUTBOUND' && !content.isInternal && mailbox !== null;
        const participants = addressees({ to, cc, bcc }, goesOut ? { contact, asked, mailbox } : null);
        const message = await insertMessage(tx, caller, locked, {
          ...content,
          ...author,
          participants,
          ...(mailed && { mailed }),
        });
        return { message, conversation: await summarise(tx, caller, locked, message), result: 'CREATED' };
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
 * A message of a deleted contact is not changed any more. The message is locked, for which its erasure waits.
 * @throws NOT_FOUND
 */
async function requireContact(tx: Transaction, { workspaceId, conversationId: id }: Message): Promise<void> {
  if (await orphanAmong(tx, workspaceId, [{ id }])) throw contactDeleted({ id }, ['id']);
}

/** A message to insert into a conversation. */
export interface NewMessage {
  direction: MessageDirection;
  text: string;
  html?: string | null | undefined;
  isInternal?: boolean;
  agentId: string | null;
  authorName: string | null;
  externalId?: string | null | undefined;
  sentAt?: Date | null | undefined;
  attachments?: readonly AttachedFile[];
  /** The Message-ID of the e-mail that it came with, and what tells it from others of that id. */
  emailMessageId?: string | null;
  emailDigest?: string | null;
  participants?: Participants | null;
  isAutomatic?: boolean;
  isTruncated?: boolean;
  /** The mailbox to send it from, if it is outbound and no note. */
  mailed?: OutgoingMail & { mailbox: string };
}

/** Inserts a message with its attachments and its event, and queues its e-mail. The caller updates the conversation. */
export async function insertMessage(
  tx: Transaction,
  caller: Caller,
  { workspaceId, id: conversationId }: Pick<Conversation, 'workspaceId' | 'id'>,
  {
    isInternal = false,
    html = null,
    externalId = null,
    sentAt,
    attachments = [],
    mailed,
    participants = null,
    ...content
  }: NewMessage,
): Promise<Message> {
  const id = newId('Message');
  const isSent = mailed && content.direction === 'OUTBOUND' && !isInternal;
  const message = await tx.message.create({
    data: {
      workspaceId,
      id,
      conversationId,
      ...content,
      html,
      externalId,
      ...(participants && { participants: participantsColumn(participants) }),
      internal: isInternal,
      preview: previewOf(content.text),
      status: statusOf[content.direction],
      sentAt: sentAt ?? new Date(),
      ...(isSent && { status: mailed.statusAtFirst, emailMessageId: messageIdOf(id, mailed.mailbox) }),
    },
  });
  if (isSent) await enqueueMail(tx, message);
  await insertAttachments(tx, message, attachments);
  const { direction, preview, authorName, isAutomatic } = message;
  const data = {
    after: { conversationId, direction, isInternal, preview, authorName, ...(isAutomatic && { isAutomatic }) },
  };
  await recordEvents(tx, caller, [{ type: 'message.created', entityId: message.id, data }]);
  return message;
}

/** The first status of a message. */
export const statusOf: Record<MessageDirection, MessageStatus> = {
  INBOUND: 'RECEIVED',
  OUTBOUND: 'SENT',
  SYSTEM: 'SENT',
};

/** The author of a message, with the present name: the customer of an inbound message, else the agent. */
export async function authorOf(
  tx: Transaction,
  { workspaceId, customerId }: Pick<Conversation, 'workspaceId' | 'customerId'>,
  written: { direction: MessageDirection; agentId: string | null; authorName?: string | null | undefined },
): Promise<{ agentId: string | null; authorName: string | null }> {
  if (written.direction === 'INBOUND') {
    const customer = await tx.customer.findUnique({
      where: { workspaceId_id: { workspaceId, id: customerId } },
      select: { name: true, email: true },
    });
    return { agentId: null, authorName: written.authorName ?? customer?.name ?? customer?.email ?? null };
  }
  if (written.agentId === null) return { agentId: null, authorName: written.authorName ?? null };
  const agent = await tx.agent.findUnique({ where: { workspaceId_id: { workspaceId, id: written.agentId } } });
  if (!agent) throw notFound('Agent', ['agentId']);
  return { agentId: agent.id, authorName: written.authorName ?? agent.name };
}

async function withExternalId(
  tx: Transaction,
  { workspaceId, id }: Conversation,
  externalId: string | null | undefined,
): Promise<Message | null> {
  if (externalId == null) return null;
  const message = await tx.message.findUnique({ where: { workspaceId_externalId: { workspaceId, externalId } } });
  if (message && message.conversationId !== id) {
    throw conflict(['externalId'], `A message of another conversation has this externalId: ${message.id}.`, message.id);
  }
  return message;
}
