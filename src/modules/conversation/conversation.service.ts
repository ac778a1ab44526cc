import type { z } from 'zod';
import type { Caller } from '../../auth/caller.js';
import { type Database, isUniqueViolation, type Transaction } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { type Connection, listingOf, readConnection } from '../../db/lists/listing.js';
import { conflict, notFound } from '../../errors.js';
import type { Channel, Conversation, Customer, MessageDirection } from '../../generated/prisma/client.js';
import { changesOf } from '../../lib/values/changes.js';
import { parseInput } from '../../lib/values/validation.js';
import { requireVersion } from '../../lib/values/version.js';
import { lockForAssignment } from '../agent/agent.writes.js';
import { defaultMailbox } from '../channel/channel.mailbox.js';
import { findOrCreateContact } from '../customer/customer.service.js';
import { changeCustomer } from '../customer/customer.writes.js';
import { lockCustomer, readIdOrUuid } from '../customer/lookup/customer.lookup.js';
import { type NewEvent, recordEvents } from '../events/event.service.js';
import { type ConversationListArguments, conversationListFor } from './conversation.fields.js';
import {
  assignConversationInput,
  markConversationReadInput,
  setConversationStatusInput,
  snoozeConversationInput,
  startConversationInput,
  unsnoozeConversationInput,
  updateConversationInput,
} from './conversation.input.js';
import { isSnoozed, snoozeChanged } from './conversation.snooze.js';
import { beginConversation, type StartedConversation } from './conversation.start.js';
import {
  contactDeleted,
  lockConversation,
  orphanAmong,
  updateConversation,
  writeAssignee,
  writeStatus,
} from './conversation.writes.js';
import type { OutgoingMail } from './message/mail/message.outgoing.js';

export type StartConversationInput = z.input<typeof startConversationInput>;
export type SetConversationStatusInput = z.input<typeof setConversationStatusInput>;
export type AssignConversationInput = z.input<typeof assignConversationInput>;
export type UpdateConversationInput = z.input<typeof updateConversationInput>;
export type SnoozeConversationInput = z.input<typeof snoozeConversationInput>;
export type UnsnoozeConversationInput = z.input<typeof unsnoozeConversationInput>;
export type MarkConversationReadInput = z.input<typeof markConversationReadInput>;

export interface ConversationChange {
  conversation: Conversation;
  result: 'UPDATED' | 'UNCHANGED';
}

export type ConversationService = ReturnType<typeof conversationService>;

export function conversationService(db: Database, outgoing: OutgoingMail | null = null) {
  return {
    /** The workspace's conversations. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list(caller: Caller, args: ConversationListArguments): Promise<Connection<Conversation>> {
      return readConnection(db, listingOf(conversationListFor(caller.scopes), caller.workspaceId, args));
    },

    /**
     * Starts a conversation with its first message. Creates the contact if nobody has the e-mail address. An outbound
     * message is sent by e-mail if there is an e-mail channel for it.
     * @throws InvalidInput, NOT_FOUND for the contact, channel or assignee, CONFLICT for the externalId.
     */
    async start(caller: Caller, input: StartConversationInput): Promise<StartedConversation> {
      const fields = parseInput(startConversationInput, input);
      try {
        return await db.transaction((tx) => startConversation(tx, caller, fields, outgoing));
      } catch (error) {
        if (!isUniqueViolation(error) || fields.externalId == null) throw error;
        const { workspaceId } = caller;
        const holder = await db.prisma.conversation.findUnique({
          where: { workspaceId_externalId: { workspaceId, externalId: fields.externalId } },
        });
        throw conflict(['externalId'], `A conversation has this externalId: ${holder?.id}.`, holder?.id);
      }
    },

    /** Opens, closes or archives. @throws NOT_FOUND, CONFLICT for the version. */
    setStatus(caller: Caller, input: SetConversationStatusInput): Promise<ConversationChange> {
      const { id, status, ifVersion } = parseInput(setConversationStatusInput, input);
      return db.transaction(async (tx) => {
        const conversation = await lock(tx, caller, id, ifVersion);
        if (conversation.status === status) return { conversation, result: 'UNCHANGED' };
        if (status === 'OPEN' && (await orphanAmong(tx, caller.workspaceId, [conversation]))) {
          throw contactDeleted(conversation, ['id']);
        }
        return { conversation: only(await writeStatus(tx, caller, [conversation], status)), result: 'UPDATED' };
      });
    },

    /** Assigns to an agent; null unassigns. @throws NOT_FOUND, CONFLICT for the version. */
    assign(caller: Caller, input: AssignConversationInput): Promise<ConversationChange> {
      const { id, ifVersion, ...fields } = parseInput(assignConversationInput, input);
      const assigneeId = fields.assigneeId == null ? null : readId('Agent', fields.assigneeId, ['assigneeId']);
      return db.transaction(async (tx) => {
        const assignable = await lockForAssignment(tx, caller.workspaceId, assigneeId);
        const conversation = await lock(tx, caller, id, ifVersion);
        if (conversation.assigneeId === assigneeId) return { conversation, result: 'UNCHANGED' };
        if (!assignable) throw notFound('Agent', ['assigneeId']);
        return { conversation: only(await writeAssignee(tx, caller, [conversation], assigneeId)), result: 'UPDATED' };
      });
    },

    /**
     * Writes the given fields; null removes a value.
     * @throws InvalidInput, NOT_FOUND, CONFLICT for the version.
     */
    update(caller: Caller, input: UpdateConversationInput): Promise<ConversationChange> {
      const { id, ifVersion, ...given } = parseInput(updateConversationInput, input);
      return db.transaction(async (tx) => {
        const conversation = await lock(tx, caller, id, ifVersion);
        const channelId =
          given.channelId == null ? given.channelId : (await requireChannel(tx, caller, given.channelId)).id;
        const changes = changesOf(conversation, { ...given, channelId });
        if (!changes) return { conversation, result: 'UNCHANGED' };
        const event: NewEvent = { type: 'conversation.updated', entityId: conversation.id, data: { ...changes } };
        await recordEvents(tx, caller, [event]);
        return { conversation: await updateConversation(tx, conversation, changes.after), result: 'UPDATED' };
      });
    },

    /**
     * Snoozes an open conversation until a time, or until the contact writes.
     * @throws InvalidInput for a time in the past, NOT_FOUND, CONFLICT for the version or if the conversation is not open.
     */
    snooze(caller: Caller, input: SnoozeConversationInput): Promise<ConversationChange> {
      const { id, until, ifVersion } = parseInput(snoozeConversationInput, input);
      return db.transaction(async (tx) => {
        const conversation = await lock(tx, caller, id, ifVersion);
        if (conversation.status !== 'OPEN')
          throw conflict(['id'], 'Only an open conversation can be snoozed.', conversation.id);
        if (conversation.snoozedUntil?.getTime() === until.getTime()) return { conversation, result: 'UNCHANGED' };
        return writeSnooze(tx, caller, conversation, until);
      });
    },

    /** Ends a snooze. UNCHANGED if there is none. @throws NOT_FOUND, CONFLICT for the version. */
    unsnooze(caller: Caller, input: UnsnoozeConversationInput): Promise<ConversationChange> {
      const { id, ifVersion } = parseInput(unsnoozeConversationInput, input);
      return db.transaction(async (tx) => {
        const conversation = await lock(tx, caller, id, ifVersion);
        if (!isSnoozed(conversation)) return { conversation, result: 'UNCHANGED' };
        return writeSnooze(tx, caller, conversation, null);
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
  requireVersion('conversation', conversation, ifVersion);
  return conversation;
}

async function startConversation(
  tx: Transaction,
  caller: Caller,
  fields: z.output<typeof startConversationInput>,
  outgoing: OutgoingMail | null,
): Promise<StartedConversation> {
  const { text, html, direction, source, subject = null, externalId = null, priority, attachments } = fields;
  const contact = await restoredFor(tx, caller, direction, await contactOf(tx, caller, fields));
  const isMail = outgoing !== null && direction === 'OUTBOUND' && (source ?? 'EMAIL') === 'EMAIL';
  const defaultChannel = async () => (isMail ? defaultMailbox(tx, caller, outgoing.firstMailbox) : null);
  const channel = await (fields.channelId == null ? defaultChannel() : requireChannel(tx, caller, fields.channelId));
  const assigneeId = fields.assigneeId == null ? null : readId('Agent', fields.assigneeId, ['assigneeId']);
  if (!(await lockForAssignment(tx, caller.workspaceId, assigneeId))) throw notFound('Agent', ['assigneeId']);
  return beginConversation(
    tx,
    caller,
    { contact, channel, source, subject, priority: priority ?? 'NORMAL', assigneeId, externalId },
    { text, html, direction, attachments },
    outgoing,
  );
}

async function contactOf(tx: Transaction, caller: Caller, fields: z.output<typeof startConversationInput>) {
  const { email, name, contactId } = fields;
  if (email != null) return (await findOrCreateContact(tx, caller, { email, name }, 'API')).customer;
  const id = readIdOrUuid(contactId ?? '', ['contactId']);
  return lockCustomer(tx, caller, id, { path: ['contactId'], what: 'Contact' });
}

/** Whom the team writes to is back in the inbox. */
async function restoredFor(
  tx: Transaction,
  caller: Caller,
  direction: MessageDirection,
  contact: Customer,
): Promise<Customer> {
  if (direction !== 'OUTBOUND' || contact.archivedAt === null) return contact;
  return (await changeCustomer(tx, caller, contact, { archivedAt: null })).customer;
}

async function requireChannel(tx: Transaction, { workspaceId }: Caller, channelId: string): Promise<Channel> {
  const id = readId('Channel', channelId, ['channelId']);
  const channel = await tx.channel.findUnique({ where: { workspaceId_id: { workspaceId, id } } });
  if (!channel) throw notFound('Channel', ['channelId']);
  return channel;
}

async function writeSnooze(
  tx: Transaction,
  caller: Caller,
  conversation: Conversation,
  until: Date | null,
): Promise<ConversationChange> {
  await recordEvents(tx, caller, [snoozeChanged(conversation, until)]);
  return { conversation: await updateConversation(tx, conversation, { snoozedUntil: until }), result: 'UPDATED' };
}

/** The only row of a change of one conversation. */
function only([conversation]: readonly Conversation[]): Conversation {
  if (!conversation) throw new Error('A locked conversation is gone.');
  return conversation;
}
