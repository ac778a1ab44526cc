import { readId } from '../../db/global-id.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments, offsetArgument } from '../../graphql/schema/connection.js';
import { defineEnum } from '../../graphql/schema/enums.js';
import { databaseId, node, updatedAt, version } from '../../graphql/schema/node.js';
import { belowPage, belowRow, selectedInPage, selectedInRow } from '../../graphql/schema/selection.js';
import { Agent } from '../agent/agent.types.js';
import { Contact } from '../contact/contact.types.js';
import { Customer } from '../customer/customer.types.js';
import { conversationList } from './conversation.fields.js';
import { isSnoozed } from './times/conversation.snooze.js';
import { firstResponseSeconds, resolutionSeconds } from './times/conversation.times.js';

export const ConversationStatus = defineEnum('ConversationStatus', {
  description: 'The status of a conversation.',
  values: {
    OPEN: { description: 'Needs attention.' },
    CLOSED: { description: 'Resolved; a new inbound message reopens it.' },
    ARCHIVED: { description: 'Archived; lists leave it out unless their filter has a condition on the status.' },
  },
});

export const ConversationSource = defineEnum('ConversationSource', {
  description: 'The way in which a conversation began.',
  values: {
    EMAIL: { description: 'By e-mail.' },
    CHAT: { description: 'In a chat.' },
    FORM: { description: 'With a form on a website.' },
    API: { description: 'By a program.' },
  },
});

const ConversationPriority = defineEnum('ConversationPriority', {
  description: 'How urgent a conversation is.',
  values: {
    LOW: { description: 'It can wait.' },
    NORMAL: { description: 'As usual; every conversation begins with it.' },
    HIGH: { description: 'Before those of normal priority.' },
    URGENT: { description: 'Before all others.' },
  },
});

export const Conversation = builder.prismaNode('Conversation', {
  description: 'A thread of messages between one contact and the team. Needs conversations:read.',
  ...node({ scope: 'conversations:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    contact: t.relation('customer', {
      type: Contact,
      description: 'The person in the conversation, as a contact of the inbox. Needs customers:read.',
    }),
    customer: t.relation('customer', {
      description: 'The same person as a customer. Needs customers:read.',
    }),
    assignee: t.relation('assignee', {
      nullable: true,
      description: 'The agent to whom the conversation is assigned; null if it is unassigned.',
    }),
    channel: t.relation('channel', {
      nullable: true,
      description: 'The channel of the conversation; null if it has none.',
    }),
    status: t.expose('status', { type: ConversationStatus, description: 'The status.' }),
    source: t.expose('source', { type: ConversationSource, description: 'The way in which the conversation began.' }),
    priority: t.expose('priority', { type: ConversationPriority, description: 'How urgent it is.' }),
    subject: t.exposeString('subject', { nullable: true, description: 'The subject line; null if there is none.' }),
    notes: t.exposeString('notes', {
      nullable: true,
      description: 'Notes of the team about it; null if there are none. Internal notes are messages.',
    }),
    metadata: t.expose('metadata', {
      type: 'JSONObject',
      description: "The workspace's own data about the conversation.",
    }),
    number: t.exposeInt('number', {
      description: 'A short number, unique in the workspace. The first conversation has 1, each new one the next.',
    }),
    tags: t.exposeStringList('tags', { description: 'The tags, in the order in which they were added.' }),
    isUnread: t.boolean({
      select: { unreadCount: true },
      description: 'Whether there are unread inbound messages.',
      resolve: ({ unreadCount }) => unreadCount > 0,
    }),
    unreadCount: t.exposeInt('unreadCount', { description: 'The number of unread inbound messages.' }),
    lastMessageAt: t.expose('lastMessageAt', {
      type: 'DateTime',
      description: 'When the latest message was sent; internal notes do not count.',
    }),
    lastMessagePreview: t.exposeString('lastMessagePreview', {
      description: 'The beginning of the latest message, at most 140 characters on one line.',
    }),
    firstResponseAt: t.expose('firstResponseAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the team first answered an inbound message; null if it has not yet.',
    }),
    firstResponseSeconds: t.int({
      nullable: true,
      description:
        'The seconds from the first message of the contact to the first response; null if there is no response yet.',
      select: { firstInboundAt: true, firstResponseAt: true },
      resolve: (conversation) => firstResponseSeconds(conversation),
    }),
    closedAt: t.expose('closedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last closed or archived; null while it is open, even if it was closed before.',
    }),
    resolutionSeconds: t.int({
      nullable: true,
      description: 'The seconds from its beginning until it was last closed or archived; null while it is open.',
      select: { createdAt: true, closedAt: true },
      resolve: (conversation) => resolutionSeconds(conversation),
    }),
    snoozedUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the snooze ends; null if the conversation is not snoozed, or the time has passed.',
      select: { snoozedUntil: true },
      resolve: (conversation) => (isSnoozed(conversation) ? conversation.snoozedUntil : null),
    }),
    externalId: t.exposeString('externalId', {
      nullable: true,
      description: 'The id in another system, unique in the workspace; null if there is none.',
    }),
    version: t.exposeInt('version', version),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it began.' }),
    updatedAt: t.expose('updatedAt', updatedAt),
  }),
});

const ConversationConnection = connectionType('Conversation', Conversation);

const conversationArguments = listArguments(conversationList);

const messages = { parent: 'Conversation', field: 'messages', lists: 'Message' };
const messagesBelowRow = belowRow(messages);
const messagesBelowPage = belowPage(messages);

builder.queryFields((t) => ({
  conversation: t.field({
    type: Conversation,
    nullable: true,
    description: 'One conversation; null if there is none with this id. Needs conversations:read.',
    authScopes: { scope: 'conversations:read' },
    args: { id: t.arg.id({ required: true, description: 'A global or plain id.' }) },
    resolve: (_root, { id }, { loaders }, info) =>
      loaders.conversations
        .selected({ select: selectedInRow(info), messages: messagesBelowRow(info) })
        .load(readId('Conversation', id, ['id'])),
  }),
  conversations: t.field({
    type: ConversationConnection,
    description:
      'The conversations of the workspace. Without a condition on the status, archived ones are left out. Needs conversations:read.',
    authScopes: { scope: 'conversations:read' },
    args: { ...conversationArguments, ...offsetArgument },
    resolve(_root, args, { services, caller, loaders }, info) {
      const asked = messagesBelowPage(info);
      const nested = asked && loaders.conversations.messages(asked).nested();
      return services.conversations.list(caller, { ...args, select: selectedInPage(info, 'Conversation'), nested });
    },
  }),
}));

// A customer and a contact are two views of one person, with the same conversations.
for (const person of [Customer, Contact]) {
  builder.prismaObjectFields(person, (t) => ({
    conversations: t.field({
      type: ConversationConnection,
      description:
        "The person's conversations. Without a condition on the status, archived ones are left out. Needs conversations:read.",
      select: { id: true },
      args: conversationArguments,
      resolve: ({ id }, args, { loaders }, info) =>
        loaders.conversations.ofCustomer({ ...args, select: selectedInPage(info, 'Conversation') }).load(id),
    }),
    latestConversation: t.field({
      type: Conversation,
      nullable: true,
      description:
        'The conversation with the latest message, archived ones left out; null if there is none. Needs conversations:read.',
      select: { id: true },
      resolve: ({ id }, _args, { loaders }, info) =>
        loaders.conversations.latestOfCustomer({ select: selectedInRow(info) }).load(id),
    }),
  }));
}

builder.prismaObjectField(Agent, 'assignedConversations', (t) =>
  t.field({
    type: ConversationConnection,
    description:
      'The conversations assigned to the agent. Without a condition on the status, archived ones are left out. Needs conversations:read.',
    select: { id: true },
    args: conversationArguments,
    resolve: (agent, args, { loaders }, info) =>
      loaders.conversations.ofAssignee({ ...args, select: selectedInPage(info, 'Conversation') }).load(agent.id),
  }),
);
