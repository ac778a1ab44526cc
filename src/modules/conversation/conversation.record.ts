import { z } from 'zod';
import { defineRecord } from '../../db/record.js';
import { importedHistory, importedId, importedTime, time } from '../../db/writing/imported.js';
import {
  type Agent,
  type Channel,
  type Conversation,
  ConversationPriority,
  ConversationSource,
  ConversationStatus,
  type Customer,
} from '../../generated/prisma/client.js';
import { tags } from '../../lib/values/tags.js';
import { email, key, list, name, notes, wholeNumber } from '../../lib/values/validation.js';
import { agentRecord } from '../agent/agent.record.js';
import { channelRecord } from '../channel/channel.record.js';
import { metadata } from '../customer/customer.input.js';
import { mergeMetadata } from '../customer/customer.metadata.js';
import { customerRecord } from '../customer/customer.record.js';
import { type FiledMessage, importedMessage, messageRecord } from './message/message.record.js';
import { isSnoozed } from './times/conversation.snooze.js';
import { firstResponseSeconds, resolutionSeconds } from './times/conversation.times.js';

export const maxImportedMessages = 10_000;

/** A conversation as an export reads it. */
export type FiledConversation = Conversation & {
  /** False for a line that continues the one before. */
  begins: boolean;
  customer: Customer;
  channel: Channel | null;
  assignee: Agent | null;
  /** The assigned agent, and the agents who wrote its messages. */
  agents: readonly Agent[];
  messages: readonly FiledMessage[];
};

/** The customer's fields in a file of conversations. */
export const identity = { id: true, externalId: true, email: true, name: true } as const;
export const identityFields = Object.keys(identity) as (keyof typeof identity)[];

const importedCustomer = customerRecord.schema
  .pick(identity)
  .refine(({ id, externalId, email: address }) => id != null || externalId != null || address != null, {
    path: ['externalId'],
    message: 'One of externalId and email must say which customer is meant.',
  });

const priority = z
  .enum(ConversationPriority)
  .nullish()
  .transform((value) => value ?? 'NORMAL');

export const conversationRecord = defineRecord<Conversation, FiledConversation>('Conversation')
  .fields({
    id: { rule: importedId('Conversation').nullish(), entity: false },
    externalId: { rule: key(255).nullish() },
    /**
     * True for a line with further messages of the previous line's conversation. Such a line does not count as a
     * change.
     */
    continued: {
      of: [],
      rule: z.boolean().nullish(),
      file: ({ begins }) => (begins ? undefined : true),
      entity: false,
    },
    /** The team that answers; names the channel, unless that is given. */
    team: { of: [], rule: name(255).nullish(), file: false, entity: false },
    source: { rule: z.enum(ConversationSource) },
    status: { rule: z.enum(ConversationStatus).nullish() },
    priority: { rule: priority },
    subject: { rule: name(500).nullish() },
    notes: { rule: notes.nullish() },
    metadata: { rule: metadata.nullish().transform((value) => mergeMetadata({}, value ?? {})) },
    tags: { rule: tags.nullish().transform((value) => value ?? []) },
    /** Kept unless another conversation of the workspace has it. */
    number: { rule: wholeNumber(1, 1_000_000_000).nullish() },
    isUnread: { of: 'unreadCount', file: false, entity: ({ unreadCount }) => unreadCount > 0 },
    unreadCount: { rule: wholeNumber(0, 1_000_000_000).nullish() },
    lastMessageAt: { file: false },
    lastMessagePreview: { file: false },
    firstResponseAt: { file: false },
    firstResponseSeconds: { of: 'firstInboundAt', file: false, entity: firstResponseSeconds },
    closedAt: { rule: importedTime.nullish() },
    resolutionSeconds: { of: [], file: false, entity: resolutionSeconds },
    /** Only for open conversations. The time may be in the past. */
    snoozedUntil: {
      rule: time.nullish(),
      entity: (conversation) => (isSnoozed(conversation) ? conversation.snoozedUntil : null),
    },
    ...importedHistory,
    customerId: { file: false },
    channelId: { file: false },
    assigneeId: { file: false },
    customer: {
      of: [],
      rule: importedCustomer,
      file: ({ customer }) => customerRecord.line(customer, identityFields),
      entity: false,
    },
    /** Null for a conversation without a channel. */
    channel: {
      of: [],
      rule: channelRecord.schema.nullish(),
      file: ({ channel }) => channel && channelRecord.line(channel),
      entity: false,
    },
    /** The e-mail address of the agent it is assigned to. */
    assignee: { of: [], rule: email.nullish(), file: ({ assignee }) => assignee?.email ?? null, entity: false },
    /** The agents that `assignee` and `agent` refer to. Missing ones are created. */
    agents: {
      of: [],
      rule: list(agentRecord.schema, maxImportedMessages, `At most ${maxImportedMessages} agents.`).nullish(),
      file: ({ agents }) => agents.map((agent) => agentRecord.line(agent)),
      entity: false,
    },
    messages: {
      of: [],
      rule: list(importedMessage, maxImportedMessages, `At most ${maxImportedMessages} messages.`),
      file: ({ messages }) => messages.map((message) => messageRecord.line(message)),
      entity: false,
    },
  })
  .omitting({});
