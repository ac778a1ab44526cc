import type { Caller } from '../../auth/caller.js';
import type { Transaction } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import type {
  Channel,
  Conversation,
  ConversationPriority,
  ConversationSource,
  Customer,
  Message,
  Prisma,
} from '../../generated/prisma/client.js';
import { previewOf } from '../../lib/text/preview.js';
import { recordEvents } from '../events/event.service.js';
import { summariseForCustomer } from './conversation.writes.js';
import { addressees } from './message/mail/message.addressees.js';
import type { OutgoingMail } from './message/mail/message.outgoing.js';
import { authorOf, insertMessage, type NewMessageWithFiles } from './message/message.writes.js';

export interface StartedConversation {
  conversation: Conversation;
  contact: Customer;
  message: Message;
}

/** A conversation to insert. Its contact and assignee are locked. */
export interface NewConversation {
  contact: Customer;
  channel: Channel | null;
  /** If omitted: the kind of the channel, or EMAIL without a channel. */
  source?: ConversationSource | null | undefined;
  subject: string | null;
  notes?: string | null;
  metadata?: Prisma.JsonObject;
  priority?: ConversationPriority;
  tags?: string[];
  assigneeId: string | null;
  externalId: string | null;
}

/** The first message. If it has no author, the author is derived from the direction and the caller. */
export type FirstMessage = Omit<NewMessageWithFiles, 'agentId' | 'authorName' | 'sentAt' | 'isInternal' | 'mailed'> & {
  authorName?: string | null;
  /** The agent of the caller if omitted, null for none. */
  agentId?: string | null;
};

/** Inserts a conversation with its first message and their events. Queues the e-mail of an outbound message. */
export async function beginConversation(
  tx: Transaction,
  caller: Caller,
  { contact, channel, source, ...fields }: NewConversation,
  { authorName, agentId = caller.agentId, ...content }: FirstMessage,
  outgoing: OutgoingMail | null = null,
): Promise<StartedConversation> {
  const { workspaceId } = caller;
  const inbound = content.direction === 'INBOUND';
  const sentAt = new Date();
  const conversation = await tx.conversation.create({
    data: {
      workspaceId,
      id: newId('Conversation'),
      customerId: contact.id,
      channelId: channel?.id ?? null,
      source: source ?? channel?.kind ?? 'EMAIL',
      ...fields,
      unreadCount: inbound ? 1 : 0,
      firstInboundAt: inbound ? sentAt : null,
      lastMessageAt: sentAt,
      lastMessagePreview: previewOf(content.text),
      createdAt: sentAt,
    },
  });
  const { id, subject, priority, assigneeId } = conversation;
  const data = { after: { customerId: contact.id, source: conversation.source, subject, priority, assigneeId } };
  await recordEvents(tx, caller, [{ type: 'conversation.created', entityId: id, data }]);
  const { direction } = content;
  const agent =
    agentId === null ? null : await tx.agent.findUnique({ where: { workspaceId_id: { workspaceId, id: agentId } } });
  const author = authorOf(
    { direction, agentId, authorName },
    { contact: { name: contact.name, address: contact.email }, agent },
  );
  const mailbox = channel?.kind === 'EMAIL' ? channel.address : null;
  const mailed = outgoing && mailbox !== null && { mailbox, ...outgoing };
  const toContact = direction === 'OUTBOUND' && mailbox !== null;
  const message = await insertMessage(tx, caller, conversation, {
    ...(toContact && {
      participants: addressees({}, { contact: { name: contact.name, address: contact.email }, asked: null, mailbox }),
    }),
    ...content,
    ...author,
    sentAt,
    ...(mailed && { mailed }),
  });
  await summariseForCustomer(tx, conversation, message);
  return { conversation, contact: await reread(tx, contact), message };
}

/** The contact with the summary that this transaction wrote. */
const reread = (tx: Transaction, { workspaceId, id }: Customer): Promise<Customer> =>
  tx.customer.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id } } });
