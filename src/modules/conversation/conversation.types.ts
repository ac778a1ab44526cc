import { readId } from '../../db/global-id.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { defineEnum } from '../../graphql/schema/enums.js';
import { databaseId, node, updatedAt, version } from '../../graphql/schema/node.js';
import { selectedInPage, selectedInRow } from '../../graphql/schema/selection.js';
import { Agent } from '../agent/agent.types.js';
import { Contact } from '../contact/contact.types.js';
import { Customer } from '../customer/customer.types.js';
import { conversationList } from './conversation.fields.js';
import { isSnoozed } from './conversation.snooze.js';

export const ConversationStatus = defineEnum('ConversationStatus', {
  description: 'Where a conversation stands.',
  values: {
    OPEN: { description: 'Wants attention.' },
    CLOSED: { description: 'Resolved; a new inbound message opens it again.' },
    ARCHIVED: { description: 'Put away; lists leave it out unless asked by status.' },
  },
});

export const ConversationSource = defineEnum('ConversationSource', {
  description: 'By what means a conversation began.',
  values: {
    EMAIL: { description: 'By e-mail.' },
    CHAT: { description: 'In a chat.' },
    FORM: { description: 'With a form on a web site.' },
    API: { description: 'By a program.' },
  },
});

export const Conversation = builder.prismaNode('Conversation', {
  description: 'A thread of messages between one contact and the team. Needs conversations:read.',
  ...node({ scope: 'conversations:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    contact: t.relation('customer', {
      type: Contact,
      description: 'Whom it is with, as the inbox sees the person. Needs customers:read.',
      authScopes: { scope: 'customers:read' },
    }),
    customer: t.relation('customer', {
      description: 'Whom it is with, as a customer. Needs customers:read.',
      authScopes: { scope: 'customers:read' },
    }),
    assignee: t.relation('assignee', {
      nullable: true,
      description: 'The agent who takes care of it; null when nobody does.',
    }),
    channel: t.relation('channel', {
      nullable: true,
      description: 'The channel it came in by; null when it came by none that is set up.',
    }),
    status: t.expose('status', { type: ConversationStatus, description: 'Where it stands.' }),
    source: t.expose('source', { type: ConversationSource, description: 'By what means it began.' }),
    subject: t.exposeString('subject', { nullable: true, description: 'The subject line; null when it has none.' }),
    isUnread: t.boolean({
      select: { unreadCount: true },
      description: 'Whether inbound messages came in that nobody read.',
      resolve: ({ unreadCount }) => unreadCount > 0,
    }),
    unreadCount: t.exposeInt('unreadCount', { description: 'How many inbound messages nobody read.' }),
    lastMessageAt: t.expose('lastMessageAt', {
      type: 'DateTime',
      description: 'When the latest message was sent; internal notes do not count.',
    }),
    lastMessagePreview: t.exposeString('lastMessagePreview', {
      description: 'The beginning of that message, at most 140 characters on one line.',
    }),
    firstResponseAt: t.expose('firstResponseAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the team first answered an inbound message; null before it.',
    }),
    firstResponseSeconds: t.int({
      nullable: true,
      description: 'The seconds from when the contact first wrote to the first response; null before it.',
      select: { firstInboundAt: true, firstResponseAt: true },
      resolve: ({ firstInboundAt, firstResponseAt }) =>
        firstInboundAt && secondsBetween(firstInboundAt, firstResponseAt),
    }),
    closedAt: t.expose('closedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was closed or archived; null while it is open, also when it was closed before.',
    }),
    resolutionSeconds: t.int({
      nullable: true,
      description: 'The seconds from when it began until it was last closed or archived; null while it is open.',
      select: { createdAt: true, closedAt: true },
      resolve: ({ createdAt, closedAt }) => secondsBetween(createdAt, closedAt),
    }),
    snoozedUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until when it is out of the way; null when it is not, also once that time has passed.',
      select: { snoozedUntil: true },
      resolve: (conversation) => (isSnoozed(conversation) ? conversation.snoozedUntil : null),
    }),
    externalId: t.exposeString('externalId', {
      nullable: true,
      description: 'Its id in the system it was imported from; null when it was not.',
    }),
    version: t.exposeInt('version', version),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it began.' }),
    updatedAt: t.expose('updatedAt', updatedAt),
  }),
});

/** Whole seconds, at least 0: what other systems recorded may be dated in any order. */
const secondsBetween = (from: Date, to: Date | null): number | null =>
  to && Math.max(0, Math.floor((to.getTime() - from.getTime()) / 1_000));

const ConversationConnection = connectionType('Conversation', Conversation);

const conversationArguments = listArguments(conversationList);

builder.queryFields((t) => ({
  conversation: t.field({
    type: Conversation,
    nullable: true,
    description: 'One conversation; null when there is none with this id. Needs conversations:read.',
    authScopes: { scope: 'conversations:read' },
    args: { id: t.arg.id({ required: true, description: 'A global or plain id.' }) },
    resolve: (_root, { id }, { loaders }, info) =>
      loaders.conversations.selected({ select: selectedInRow(info) }).load(readId('Conversation', id, ['id'])),
  }),
  conversations: t.field({
    type: ConversationConnection,
    description: 'The inbox; archived conversations only when the filter asks by status. Needs conversations:read.',
    authScopes: { scope: 'conversations:read' },
    args: conversationArguments,
    resolve: (_root, args, { services, caller }, info) =>
      services.conversations.list(caller, { ...args, select: selectedInPage(info, 'Conversation') }),
  }),
}));

// One person under two names, with the same conversations.
for (const person of [Customer, Contact]) {
  builder.prismaObjectFields(person, (t) => ({
    conversations: t.field({
      type: ConversationConnection,
      description:
        "The person's conversations; archived ones only when the filter asks by status. Needs conversations:read.",
      select: { id: true },
      authScopes: { scope: 'conversations:read' },
      args: conversationArguments,
      resolve: ({ id }, args, { loaders }, info) =>
        loaders.conversations.ofCustomer({ ...args, select: selectedInPage(info, 'Conversation') }).load(id),
    }),
    latestConversation: t.field({
      type: Conversation,
      nullable: true,
      description: 'The one with the latest message, not archived; null when there is none. Needs conversations:read.',
      select: { id: true },
      authScopes: { scope: 'conversations:read' },
      resolve: ({ id }, _args, { loaders }, info) =>
        loaders.conversations.latestOfCustomer({ select: selectedInRow(info) }).load(id),
    }),
  }));
}

builder.prismaObjectField(Agent, 'assignedConversations', (t) =>
  t.field({
    type: ConversationConnection,
    description:
      'The conversations assigned to the agent; archived ones only when the filter asks. Needs conversations:read.',
    select: { id: true },
    authScopes: { scope: 'conversations:read' },
    args: conversationArguments,
    resolve: (agent, args, { loaders }, info) =>
      loaders.conversations.ofAssignee({ ...args, select: selectedInPage(info, 'Conversation') }).load(agent.id),
  }),
);
