import { builder } from '../../graphql/schema/builder.js';
import { defineMutation, type PayloadBuilder } from '../../graphql/schema/mutation.js';
import { Contact } from '../contact/contact.types.js';
import { WriteResult } from '../customer/customer.mutations.js';
import { MessageAttachmentInput } from './attachment/attachment.types.js';
import type { ConversationChange } from './conversation.service.js';
import { Conversation, ConversationSource, ConversationStatus } from './conversation.types.js';
import { Message } from './message/message.types.js';

const StartDirection = builder.enumType('StartDirection', {
  description: 'Who begins a conversation.',
  values: {
    INBOUND: { description: 'The contact; the message counts as unread.' },
    OUTBOUND: { description: 'The team.' },
  },
});

defineMutation('startConversation', {
  description:
    'Starts a conversation with its first message. An e-mail address that is new creates the contact. An outbound message is sent to the contact when the channel is an e-mail channel with an address. Needs conversations:write.',
  scope: 'conversations:write',
  input: (t) => ({
    contactId: t.id({ description: 'Whom it is with; or else email.' }),
    email: t.string({ description: 'The address of whom it is with; or else contactId.' }),
    name: t.string({ description: 'What a contact that is created is called.' }),
    subject: t.string({ description: 'The subject line, at most 500 characters.' }),
    text: t.string({ required: true, description: 'What the first message says, at most 100,000 characters.' }),
    html: t.string({ description: 'The same as HTML, at most 400,000 characters.' }),
    direction: t.field({ type: StartDirection, description: 'Who begins; OUTBOUND when left out.' }),
    source: t.field({
      type: ConversationSource,
      description: 'By what means; that of the channel, else EMAIL, when left out.',
    }),
    channelId: t.id({
      description:
        'The channel it goes by. When left out: the oldest e-mail channel that has an address if the team begins by e-mail, which is made for a workspace that has none, else none.',
    }),
    assigneeId: t.id({ description: 'The agent who takes care of it.' }),
    externalId: t.string({ description: 'Its id in another system, unique in the workspace.' }),
    attachments: t.field({
      type: [MessageAttachmentInput],
      description: 'The files that belong to the first message, at most 20.',
    }),
  }),
  resolve: ({ services, caller }, input) => services.conversations.start(caller, input),
  payload: (t) => ({
    conversation: t.field({
      type: Conversation,
      nullable: true,
      description: 'The new conversation.',
      resolve: ({ conversation }) => conversation,
    }),
    contact: t.field({
      type: Contact,
      nullable: true,
      description: 'Whom it is with.',
      resolve: ({ contact }) => contact,
    }),
    message: t.field({
      type: Message,
      nullable: true,
      description: 'Its first message.',
      resolve: ({ message }) => message,
    }),
  }),
});

/** What a change of a conversation answers. */
const changed = (t: PayloadBuilder<ConversationChange>) => ({
  conversation: t.field({
    type: Conversation,
    nullable: true,
    description: 'The conversation as it is now.',
    resolve: ({ conversation }) => conversation,
  }),
  result: t.field({
    type: WriteResult,
    nullable: true,
    description: 'What was done.',
    resolve: ({ result }) => result,
  }),
});

defineMutation('setConversationStatus', {
  description:
    'Opens, closes or archives a conversation. One that opens again has no closing time, and leaves an agent who was deactivated meanwhile; one that closes is not snoozed any more. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The conversation.' }),
    status: t.field({ type: ConversationStatus, required: true, description: 'Where it shall stand.' }),
    ifVersion: t.int({ description: 'Do it only while the conversation is at this version.' }),
  }),
  resolve: ({ services, caller }, input) => services.conversations.setStatus(caller, input),
  payload: changed,
});

defineMutation('assignConversation', {
  description:
    'Gives a conversation to an agent, or takes it from whoever has it. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The conversation.' }),
    assigneeId: t.id({ description: 'The agent who shall take care of it; null or left out for nobody.' }),
    ifVersion: t.int({ description: 'Do it only while the conversation is at this version.' }),
  }),
  resolve: ({ services, caller }, input) => services.conversations.assign(caller, input),
  payload: changed,
});

defineMutation('markConversationRead', {
  description: 'Counts every message of a conversation as read. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: (t) => ({ id: t.id({ required: true, description: 'The conversation.' }) }),
  resolve: ({ services, caller }, input) => services.conversations.markRead(caller, input),
  payload: changed,
});

defineMutation('updateConversation', {
  description: 'Changes the subject or the channel of a conversation. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The conversation.' }),
    subject: t.string({ description: 'The subject line, at most 500 characters; null empties it.' }),
    channelId: t.id({ description: 'The channel it goes by; null for none.' }),
    ifVersion: t.int({ description: 'Do it only while the conversation is at this version.' }),
  }),
  resolve: ({ services, caller }, input) => services.conversations.update(caller, input),
  payload: changed,
});

defineMutation('snoozeConversation', {
  description:
    'Puts an open conversation out of the way until a time, or until the contact writes or it is closed. Lists show it all the same unless their filter says isSnoozed: false. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The conversation.' }),
    until: t.field({ type: 'DateTime', required: true, description: 'When it shall be there again; in the future.' }),
    ifVersion: t.int({ description: 'Do it only while the conversation is at this version.' }),
  }),
  resolve: ({ services, caller }, input) => services.conversations.snooze(caller, input),
  payload: changed,
});

defineMutation('unsnoozeConversation', {
  description: 'Ends the snooze of a conversation before its time. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The conversation.' }),
    ifVersion: t.int({ description: 'Do it only while the conversation is at this version.' }),
  }),
  resolve: ({ services, caller }, input) => services.conversations.unsnooze(caller, input),
  payload: changed,
});
