import type { z } from 'zod';
import type { Caller } from '../../auth/caller.js';
import type { Database, Transaction } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { listingOf, readConnection } from '../../db/lists/listing.js';
import { orTaken } from '../../db/writing/unique.js';
import { badInput, conflict, notFound } from '../../errors.js';
import type { Customer, MessageDirection } from '../../generated/prisma/client.js';
import { maxTags } from '../../lib/values/tags.js';
import { parseInput } from '../../lib/values/validation.js';
import { lockForAssignment } from '../agent/agent.writes.js';
import { defaultMailbox } from '../channel/channel.mailbox.js';
import { mergeMetadata } from '../customer/customer.metadata.js';
import { createNamedContact, findOrCreateContact } from '../customer/customer.service.js';
import { changeCustomer } from '../customer/customer.writes.js';
import { type KeptElsewhere, nothingElsewhere } from '../customer/deletion/customer.deletion.js';
import { lockCustomer, readIdOrUuid } from '../customer/lookup/customer.lookup.js';
import { takeUploads } from '../file/upload/upload.writes.js';
import { assigning, markingRead, settingStatus } from './changes/change.kinds.js';
import { changeOne } from './changes/change.writes.js';
import { type ConversationListArguments, conversationListFor } from './conversation.fields.js';
import {
  assignConversationInput,
  conversationTagsInput,
  markConversationReadInput,
  setConversationStatusInput,
  snoozeConversationInput,
  startConversationInput,
  unsnoozeConversationInput,
  updateConversationInput,
} from './conversation.input.js';
import { beginConversation, type StartedConversation } from './conversation.start.js';
import { type ConversationChange, lock, requireChannel, updateWhole, writeChanges } from './conversation.update.js';
import { type DeleteConversationInput, deleteConversation } from './deletion/conversation.deletion.js';
import type { OutgoingMail } from './message/mail/message.outgoing.js';
import { snoozing, unsnoozing } from './times/conversation.snooze.js';

export type StartConversationInput = z.input<typeof startConversationInput>;
export type SetConversationStatusInput = z.input<typeof setConversationStatusInput>;
export type AssignConversationInput = z.input<typeof assignConversationInput>;
export type UpdateConversationInput = z.input<typeof updateConversationInput>;
export type ConversationTagsInput = z.input<typeof conversationTagsInput>;
export type SnoozeConversationInput = z.input<typeof snoozeConversationInput>;
export type UnsnoozeConversationInput = z.input<typeof unsnoozeConversationInput>;
export type MarkConversationReadInput = z.input<typeof markConversationReadInput>;

export function conversationService(
  db: Database,
  outgoing: OutgoingMail | null = null,
  kept: KeptElsewhere = nothingElsewhere,
) {
  return {
    /** The workspace's conversations. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list: (caller: Caller, args: ConversationListArguments) =>
      readConnection(db, listingOf(conversationListFor(caller.scopes), caller.workspaceId, args)),

    /**
     * Starts a conversation with its first message. Creates the contact if nobody has the e-mail address. An outbound
     * message is sent by e-mail if there is an e-mail channel for it.
     * @throws InvalidInput, NOT_FOUND for the contact, channel or assignee, CONFLICT for the externalId.
     */
    async start(caller: Caller, input: StartConversationInput): Promise<StartedConversation> {
      const fields = parseInput(startConversationInput, input);
      const { externalId } = fields;
      const { workspaceId } = caller;
      return orTaken(
        () => db.transaction((tx) => startConversation(tx, caller, fields, outgoing)),
        async () => {
          if (externalId == null) return undefined;
          const where = { workspaceId_externalId: { workspaceId, externalId } };
          const holder = await db.prisma.conversation.findUnique({ where });
          return conflict(['externalId'], `A conversation has this externalId: ${holder?.id}.`, holder?.id);
        },
      );
    },

    /** Opens, closes or archives. @throws NOT_FOUND, CONFLICT for the version. */
    setStatus(caller: Caller, input: SetConversationStatusInput): Promise<ConversationChange> {
      const { id, status, ifVersion } = parseInput(setConversationStatusInput, input);
      return changeOne(db, caller, id, settingStatus(status), ifVersion);
    },

    /** Assigns to an agent; null unassigns. @throws NOT_FOUND, CONFLICT for the version. */
    assign(caller: Caller, input: AssignConversationInput): Promise<ConversationChange> {
      const { id, ifVersion, ...fields } = parseInput(assignConversationInput, input);
      const assigneeId = fields.assigneeId == null ? null : readId('Agent', fields.assigneeId, ['assigneeId']);
      return changeOne(db, caller, id, assigning(caller, assigneeId), ifVersion);
    },

    /**
     * Writes the given fields, all or none; null removes a value.
     * @throws InvalidInput, NOT_FOUND, CONFLICT for the version, or to snooze one that is not open.
     */
    update(caller: Caller, input: UpdateConversationInput): Promise<ConversationChange> {
      return updateWhole(db, caller, parseInput(updateConversationInput, input));
    },

    /** Removes a conversation with its messages. @throws NOT_FOUND, CONFLICT for the version. */
    delete: (caller: Caller, input: DeleteConversationInput): Promise<{ deletedId: string }> =>
      deleteConversation(db, caller, input, kept),

    /** Adds the tags that the conversation does not have. @throws InvalidInput for more than `maxTags`, NOT_FOUND */
    addTags(caller: Caller, input: ConversationTagsInput): Promise<ConversationChange> {
      const { id, tags } = parseInput(conversationTagsInput, input);
      return db.transaction(async (tx) => {
        const conversation = await lock(tx, caller, id);
        const all = [...new Set([...conversation.tags, ...tags])];
        if (all.length > maxTags)
          throw badInput(['tags'], `At most ${maxTags} tags; with these there would be ${all.length}.`);
        return writeChanges(tx, caller, conversation, { tags: all });
      });
    },

    /** Removes the tags that the conversation has. @throws InvalidInput, NOT_FOUND */
    removeTags(caller: Caller, input: ConversationTagsInput): Promise<ConversationChange> {
      const { id, tags } = parseInput(conversationTagsInput, input);
      return db.transaction(async (tx) => {
        const conversation = await lock(tx, caller, id);
        return writeChanges(tx, caller, conversation, { tags: conversation.tags.filter((tag) => !tags.includes(tag)) });
      });
    },

    /**
     * Snoozes an open conversation until a time, or until the contact writes.
     * @throws InvalidInput for a time in the past, NOT_FOUND, CONFLICT for the version or if the conversation is not open.
     */
    snooze(caller: Caller, input: SnoozeConversationInput): Promise<ConversationChange> {
      const { id, until, ifVersion } = parseInput(snoozeConversationInput, input);
      return changeOne(db, caller, id, snoozing(until), ifVersion);
    },

    /** Ends a snooze. UNCHANGED if there is none. @throws NOT_FOUND, CONFLICT for the version. */
    unsnooze(caller: Caller, input: UnsnoozeConversationInput): Promise<ConversationChange> {
      const { id, ifVersion } = parseInput(unsnoozeConversationInput, input);
      return changeOne(db, caller, id, unsnoozing(), ifVersion);
    },

    /** Sets the unread count to zero. @throws NOT_FOUND */
    markRead(caller: Caller, input: MarkConversationReadInput): Promise<ConversationChange> {
      const { id } = parseInput(markConversationReadInput, input);
      return changeOne(db, caller, id, markingRead);
    },
  };
}

async function startConversation(
  tx: Transaction,
  caller: Caller,
  fields: z.output<typeof startConversationInput>,
  outgoing: OutgoingMail | null,
): Promise<StartedConversation> {
  const { text, html, direction, source, subject = null, notes = null, externalId = null, priority, tags } = fields;
  const metadata = mergeMetadata({}, fields.metadata ?? {});
  const contact = await restoredFor(tx, caller, direction, await contactOf(tx, caller, fields));
  const isMail = outgoing !== null && direction === 'OUTBOUND' && (source ?? 'EMAIL') === 'EMAIL';
  const defaultChannel = async () => (isMail ? defaultMailbox(tx, caller, outgoing.firstMailbox) : null);
  const channel = await (fields.channelId == null ? defaultChannel() : requireChannel(tx, caller, fields.channelId));
  const assigneeId = fields.assigneeId == null ? null : readId('Agent', fields.assigneeId, ['assigneeId']);
  if (!(await lockForAssignment(tx, caller.workspaceId, assigneeId))) throw notFound('Agent', ['assigneeId']);
  const uploads = await takeUploads(tx, caller, fields.attachmentIds, ['attachmentIds']);
  const attachments = [...fields.attachments, ...uploads];
  return beginConversation(
    tx,
    caller,
    {
      contact,
      channel,
      source,
      subject,
      notes,
      metadata,
      priority: priority ?? 'NORMAL',
      tags: tags ?? [],
      assigneeId,
      externalId,
    },
    { text, html, direction, attachments },
    outgoing,
  );
}

async function contactOf(tx: Transaction, caller: Caller, fields: z.output<typeof startConversationInput>) {
  const { email, name, contactId } = fields;
  if (email != null) return (await findOrCreateContact(tx, caller, { email, name }, 'API')).customer;
  if (contactId == null && name != null) return createNamedContact(tx, caller, name);
  const id = readIdOrUuid(contactId ?? '', ['contactId']);
  return lockCustomer(tx, caller, id, { path: ['contactId'], what: 'Contact' });
}

/** An archived contact to whom the team writes returns to the inbox. */
async function restoredFor(
  tx: Transaction,
  caller: Caller,
  direction: MessageDirection,
  contact: Customer,
): Promise<Customer> {
  if (direction !== 'OUTBOUND' || contact.archivedAt === null) return contact;
  return (await changeCustomer(tx, caller, contact, { archivedAt: null })).customer;
}
