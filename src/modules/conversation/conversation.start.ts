import type { Caller } from '../../auth/caller.js';
import type { Transaction } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import type { Channel, Conversation, ConversationSource, Customer, Message } from '../../generated/prisma/client.js';
import { previewOf } from '../../lib/text/preview.js';
import { recordEvents } from '../events/event.service.js';
import { summariseForCustomer } from './conversation.writes.js';
import type { OutgoingMail } from './message/message.outgoing.js';
import { authorOf, insertMessage, type NewMessage } from './message/message.service.js';

export interface StartedConversation {
  conversation: Conversation;
  contact: Customer;
  message: Message;
}

/** A conversation that is not there yet; contact and assignee are locked. */
export interface NewConversation {
  contact: Customer;
  channel: Channel | null;
  /** That of the channel, else EMAIL, when left out. */
  source?: ConversationSource | null | undefined;
  subject: string | null;
  assigneeId: string | null;
  externalId: string | null;
}

/** Its first message; who wrote it is found out when it does not say. */
export type FirstMessage = Omit<NewMessage, 'agentId' | 'authorName' | 'sentAt' | 'isInternal' | 'mailed'> & {
  authorName?: string | null;
};

/** Writes a conversation with its first message and what tells of both; mails an outbound one if its channel does. */
export async function beginConversation(
  tx: Transaction,
  caller: Caller,
  { contact, channel, source, ...fields }: NewConversation,
  { authorName, ...content }: FirstMessage,
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
  const { id, subject, assigneeId } = conversation;
  const data = { after: { customerId: contact.id, source: conversation.source, subject, assigneeId } };
  await recordEvents(tx, caller, [{ type: 'conversation.created', entityId: id, data }]);
  const { direction } = content;
  const author = await authorOf(tx, conversation, { direction, agentId: caller.agentId, authorName });
  const mailbox = channel?.kind === 'EMAIL' ? channel.address : null;
  const mailed = outgoing && mailbox !== null && { mailbox, ...outgoing };
  const message = await insertMessage(tx, caller, conversation, {
    ...content,
    ...author,
    sentAt,
    ...(mailed && { mailed }),
  });
  await summariseForCustomer(tx, conversation, message, 1);
  return { conversation, contact: await reread(tx, contact), message };
}

/** The contact with its summary as this transaction left it. */
const reread = (tx: Transaction, { workspaceId, id }: Customer): Promise<Customer> =>
  tx.customer.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id } } });
