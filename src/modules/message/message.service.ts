import type { z } from 'zod';
import { type Database, sql, type Transaction } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { newId } from '../../db/ids.js';
import { conflict, notFound } from '../../errors.js';
import type { Conversation, Message, MessageDirection, MessageStatus } from '../../generated/prisma/client.js';
import { previewOf } from '../../lib/preview.js';
import { parseInput } from '../../lib/validation.js';
import {
  lockConversation,
  requireVersion,
  summariseForCustomer,
  updateConversation,
} from '../conversation/conversation.writes.js';
import { recordEvents } from '../events/event.service.js';
import type { Caller } from '../workspace/caller.js';
import { addMessageInput } from './message.input.js';

export type AddMessageInput = z.input<typeof addMessageInput>;

export interface AddedMessage {
  message: Message;
  conversation: Conversation;
  /** UNCHANGED when the conversation has a message of this externalId already; that one is answered. */
  result: 'CREATED' | 'UNCHANGED';
}

export type MessageService = ReturnType<typeof messageService>;

export function messageService(db: Database) {
  return {
    /**
     * Adds a message to a conversation. An inbound one counts as unread and reopens a closed conversation; an
     * internal note leaves the preview and the times alone.
     * @throws InvalidInput, NOT_FOUND for the conversation or agent, CONFLICT for the version or the externalId.
     */
    add(caller: Caller, input: AddMessageInput): Promise<AddedMessage> {
      // What says where the message goes stays out of what is written.
      const {
        conversationId: conversation,
        agentId: agent,
        ifVersion,
        ...content
      } = parseInput(addMessageInput, input);
      const conversationId = readId('Conversation', conversation, ['conversationId']);
      const agentId = agent == null ? caller.agentId : readId('Agent', agent, ['agentId']);
      return db.transaction(async (tx) => {
        const locked = await lockConversation(tx, caller, conversationId, 'conversationId');
        const known = await withExternalId(tx, locked, content.externalId);
        // First, because the same call sent twice meets the version that its first run made.
        if (known) return { message: known, conversation: locked, result: 'UNCHANGED' };
        requireVersion(locked, ifVersion);

        const author = await authorOf(tx, locked, { ...content, agentId });
        const message = await insertMessage(tx, caller, locked, { ...content, ...author });
        return { message, conversation: await keepUp(tx, caller, locked, message), result: 'CREATED' };
      });
    },
  };
}

/** What `insertMessage` needs to know beyond the conversation. */
export interface NewMessage {
  direction: MessageDirection;
  text: string;
  html?: string | null | undefined;
  isInternal?: boolean;
  agentId: string | null;
  authorName: string | null;
  externalId?: string | null | undefined;
  sentAt?: Date | null | undefined;
}

/** Writes a message and its event; the conversation's own columns are the caller's to keep up. */
export async function insertMessage(
  tx: Transaction,
  caller: Caller,
  { workspaceId, id: conversationId }: Pick<Conversation, 'workspaceId' | 'id'>,
  { isInternal = false, html = null, externalId = null, sentAt, ...content }: NewMessage,
): Promise<Message> {
  const message = await tx.message.create({
    data: {
      workspaceId,
      id: newId('Message'),
      conversationId,
      ...content,
      html,
      externalId,
      internal: isInternal,
      preview: previewOf(content.text),
      status: statusOf[content.direction],
      sentAt: sentAt ?? new Date(),
    },
  });
  const { direction, preview, authorName } = message;
  const data = { after: { conversationId, direction, isInternal, preview, authorName } };
  await recordEvents(tx, caller, [{ type: 'message.created', entityId: message.id, data }]);
  return message;
}

/** The status that a message begins with. */
export const statusOf: Record<MessageDirection, MessageStatus> = {
  INBOUND: 'RECEIVED',
  OUTBOUND: 'SENT',
  SYSTEM: 'SENT',
};

/** Who wrote it: the agent for what goes out, the customer for what came in, by the name they have now. */
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

/** Brings the kept-up columns of the conversation and its customer to what they are with the new message. */
async function keepUp(tx: Transaction, caller: Caller, conversation: Conversation, message: Message) {
  if (message.internal) return conversation;
  const inbound = message.direction === 'INBOUND';
  const reopened = inbound && conversation.status === 'CLOSED';
  if (reopened) {
    const data = { before: { status: 'CLOSED' }, after: { status: 'OPEN' } };
    await recordEvents(tx, caller, [{ type: 'conversation.status_changed', entityId: conversation.id, data }]);
  }
  const answers = message.direction === 'OUTBOUND' && !conversation.firstResponseAt && (await wasAsked(tx, message));
  await summariseForCustomer(tx, conversation, message, 0);
  return updateConversation(tx, conversation, {
    ...(message.sentAt >= conversation.lastMessageAt && {
      lastMessageAt: message.sentAt,
      lastMessagePreview: message.preview,
    }),
    ...(inbound && { unreadCount: { increment: 1 } }),
    ...(reopened && { status: 'OPEN', closedAt: null }),
    ...(answers && { firstResponseAt: message.sentAt }),
  });
}

/** Whether the contact wrote before the message was sent, so that the message can be an answer. */
async function wasAsked(tx: Transaction, { workspaceId, conversationId, sentAt }: Message): Promise<boolean> {
  const found = await tx.$queryRaw<unknown[]>(sql`SELECT 1 FROM "Message"
    WHERE "workspaceId" = ${workspaceId} AND "conversationId" = ${conversationId} AND "direction" = 'INBOUND'
      AND "sentAt" <= ${sentAt} LIMIT 1`);
  return found.length > 0;
}
