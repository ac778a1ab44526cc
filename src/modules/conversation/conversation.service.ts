import type { z } from 'zod';
import { type Database, isUniqueViolation, type Transaction } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { newId } from '../../db/ids.js';
import { type Connection, readConnection } from '../../db/listing.js';
import { conflict, notFound } from '../../errors.js';
import type { Channel, Conversation, Customer, Message } from '../../generated/prisma/client.js';
import { previewOf } from '../../lib/preview.js';
import { parseInput } from '../../lib/validation.js';
import { lockCustomer } from '../customer/customer.naming.js';
import { findOrCreateContact } from '../customer/customer.service.js';
import { recordEvents } from '../events/event.service.js';
import { authorOf, insertMessage } from '../message/message.service.js';
import type { Caller } from '../workspace/caller.js';
import {
  assignConversationInput,
  markConversationReadInput,
  setConversationStatusInput,
  startConversationInput,
} from './conversation.input.js';
import { type ConversationListArguments, type ConversationRow, conversationListing } from './conversation.listing.js';
import { lockConversation, requireVersion, summariseForCustomer, updateConversation } from './conversation.writes.js';

export type StartConversationInput = z.input<typeof startConversationInput>;
export type SetConversationStatusInput = z.input<typeof setConversationStatusInput>;
export type AssignConversationInput = z.input<typeof assignConversationInput>;
export type MarkConversationReadInput = z.input<typeof markConversationReadInput>;

export interface StartedConversation {
  conversation: Conversation;
  contact: Customer;
  message: Message;
}

export interface ConversationChange {
  conversation: Conversation;
  result: 'UPDATED' | 'UNCHANGED';
}

export type ConversationService = ReturnType<typeof conversationService>;

export function conversationService(db: Database) {
  return {
    /** The workspace's conversations. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list(caller: Caller, args: ConversationListArguments): Promise<Connection<ConversationRow>> {
      return readConnection(db, conversationListing(caller.workspaceId, args));
    },

    /**
     * Starts a conversation with its first message, and creates the contact when the e-mail address is new.
     * @throws InvalidInput, NOT_FOUND for the contact, channel or assignee, CONFLICT for the externalId.
     */
    async start(caller: Caller, input: StartConversationInput): Promise<StartedConversation> {
      const fields = parseInput(startConversationInput, input);
      try {
        return await db.transaction((tx) => startConversation(tx, caller, fields));
      } catch (error) {
        if (!isUniqueViolation(error) || fields.externalId == null) throw error;
        const { workspaceId } = caller;
        const holder = await db.prisma.conversation.findUnique({
          where: { workspaceId_externalId: { workspaceId, externalId: fields.externalId } },
        });
        throw conflict(['externalId'], `A conversation has this externalId: ${holder?.id}.`, holder?.id);
      }
    },

    /** Opens, closes or archives. @throws NOT_FOUND, CONFLICT when it is not at `ifVersion` any more. */
    setStatus(caller: Caller, input: SetConversationStatusInput): Promise<ConversationChange> {
      const { id, status, ifVersion } = parseInput(setConversationStatusInput, input);
      return db.transaction(async (tx) => {
        const conversation = await lock(tx, caller, id, ifVersion);
        if (conversation.status === status) return { conversation, result: 'UNCHANGED' };
        const closedAt = status === 'OPEN' ? null : (conversation.closedAt ?? new Date());
        const data = { before: { status: conversation.status }, after: { status } };
        await recordEvents(tx, caller, [{ type: 'conversation.status_changed', entityId: conversation.id, data }]);
        return { conversation: await updateConversation(tx, conversation, { status, closedAt }), result: 'UPDATED' };
      });
    },

    /** Assigns to an agent, to nobody when null. @throws NOT_FOUND, CONFLICT when it is not at `ifVersion` any more. */
    assign(caller: Caller, input: AssignConversationInput): Promise<ConversationChange> {
      const { id, ifVersion, ...fields } = parseInput(assignConversationInput, input);
      const assigneeId = fields.assigneeId == null ? null : readId('Agent', fields.assigneeId, ['assigneeId']);
      return db.transaction(async (tx) => {
        const conversation = await lock(tx, caller, id, ifVersion);
        if (conversation.assigneeId === assigneeId) return { conversation, result: 'UNCHANGED' };
        if (assigneeId !== null) await requireAssignable(tx, caller, assigneeId);
        const data = { before: { assigneeId: conversation.assigneeId }, after: { assigneeId } };
        await recordEvents(tx, caller, [{ type: 'conversation.assigned', entityId: conversation.id, data }]);
        return { conversation: await updateConversation(tx, conversation, { assigneeId }), result: 'UPDATED' };
      });
    },

    /** Sets the unread count to zero. @throws NOT_FOUND */
    markRead(caller: Caller, input: MarkConversationReadInput): Promise<ConversationChange> {
      const { id } = parseInput(markConversationReadInput, input);
      return db.transaction(async (tx) => {
        const conversation = await lock(tx, caller, id);
        if (conversation.unreadCount === 0) return { conversation, result: 'UNCHANGED' };
        const data = { before: { unreadCount: conversation.unreadCount }, after: { unreadCount: 0 } };
        await recordEvents(tx, caller, [{ type: 'conversation.read', entityId: conversation.id, data }]);
        return { conversation: await updateConversation(tx, conversation, { unreadCount: 0 }), result: 'UPDATED' };
      });
    },
  };
}

async function lock(tx: Transaction, caller: Caller, id: string, ifVersion?: number | null): Promise<Conversation> {
  const conversation = await lockConversation(tx, caller, readId('Conversation', id, ['id']), 'id');
  requireVersion(conversation, ifVersion);
  return conversation;
}

async function startConversation(
  tx: Transaction,
  caller: Caller,
  fields: z.output<typeof startConversationInput>,
): Promise<StartedConversation> {
  const { workspaceId } = caller;
  const { text, html, direction, subject = null, externalId = null } = fields;
  const contact = await contactOf(tx, caller, fields);
  const channel = fields.channelId == null ? null : await requireChannel(tx, caller, fields.channelId);
  const assigneeId = fields.assigneeId == null ? null : readId('Agent', fields.assigneeId, ['assigneeId']);
  if (assigneeId !== null) await requireAssignable(tx, caller, assigneeId);

  const sentAt = new Date();
  const conversation = await tx.conversation.create({
    data: {
      workspaceId,
      id: newId('Conversation'),
      customerId: contact.id,
      channelId: channel?.id ?? null,
      source: fields.source ?? channel?.kind ?? 'EMAIL',
      subject,
      externalId,
      assigneeId,
      unreadCount: direction === 'INBOUND' ? 1 : 0,
      lastMessageAt: sentAt,
      lastMessagePreview: previewOf(text),
      createdAt: sentAt,
    },
  });
  const { id, source } = conversation;
  const data = { after: { customerId: contact.id, source, subject, assigneeId } };
  await recordEvents(tx, caller, [{ type: 'conversation.created', entityId: id, data }]);
  const author = await authorOf(tx, conversation, { direction, agentId: caller.agentId });
  const message = await insertMessage(tx, caller, conversation, { text, html, direction, sentAt, ...author });
  await summariseForCustomer(tx, conversation, message, 1);
  return { conversation, contact: await reread(tx, contact), message };
}

async function contactOf(tx: Transaction, caller: Caller, fields: z.output<typeof startConversationInput>) {
  const { email, name, contactId } = fields;
  if (email != null) return (await findOrCreateContact(tx, caller, { email, name }, 'API')).customer;
  const id = readId('Customer', contactId ?? '', ['contactId']);
  return lockCustomer(tx, caller, id, { path: 'contactId', what: 'Contact' });
}

/** The contact with its summary as this transaction left it. */
const reread = (tx: Transaction, { workspaceId, id }: Customer): Promise<Customer> =>
  tx.customer.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id } } });

async function requireChannel(tx: Transaction, { workspaceId }: Caller, channelId: string): Promise<Channel> {
  const id = readId('Channel', channelId, ['channelId']);
  const channel = await tx.channel.findUnique({ where: { workspaceId_id: { workspaceId, id } } });
  if (!channel) throw notFound('Channel', ['channelId']);
  return channel;
}

async function requireAssignable(tx: Transaction, { workspaceId }: Caller, id: string): Promise<void> {
  const agent = await tx.agent.findUnique({ where: { workspaceId_id: { workspaceId, id }, deactivatedAt: null } });
  if (!agent) throw notFound('Agent', ['assigneeId']);
}
