import { defineMutation } from '../../../graphql/schema/mutation.js';
import { WriteResult } from '../../customer/customer.mutations.js';
import { MessageAttachmentInput } from '../attachment/attachment.types.js';
import { Conversation } from '../conversation.types.js';
import { Message, MessageDirection } from './message.types.js';

defineMutation('addMessage', {
  description:
    'Adds a message or an internal note to a conversation. An inbound message counts as unread, opens a closed conversation again and ends a snooze. An outbound one is sent to the contact when the conversation goes by an e-mail channel with an address. Needs conversations:write.',
  scope: 'conversations:write',
  input: (t) => ({
    conversationId: t.id({ required: true, description: 'The conversation.' }),
    text: t.string({ required: true, description: 'What it says, at most 100,000 characters.' }),
    html: t.string({ description: 'The same as HTML, at most 400,000 characters.' }),
    direction: t.field({ type: MessageDirection, description: 'Which way it goes; OUTBOUND when left out.' }),
    isInternal: t.boolean({ description: 'True for a note that only agents see; false when left out.' }),
    agentId: t.id({ description: 'The agent who wrote it; the one of the key when left out.' }),
    authorName: t.string({ description: 'The name to show; that of the agent or contact when left out.' }),
    externalId: t.string({
      description: 'Its id in another system. The same one twice in a conversation is one message.',
    }),
    sentAt: t.field({
      type: 'DateTime',
      description: 'When it was sent; now when left out. A message that says so has been sent and is not mailed.',
    }),
    attachments: t.field({ type: [MessageAttachmentInput], description: 'The files that belong to it, at most 20.' }),
    ifVersion: t.int({ description: 'Do it only while the conversation is at this version.' }),
  }),
  resolve: ({ services, caller }, input) => services.messages.add(caller, input),
  payload: (t) => ({
    message: t.field({
      type: Message,
      nullable: true,
      description: 'The message.',
      resolve: ({ message }) => message,
    }),
    conversation: t.field({
      type: Conversation,
      nullable: true,
      description: 'The conversation as it is now.',
      resolve: ({ conversation }) => conversation,
    }),
    result: t.field({
      type: WriteResult,
      nullable: true,
      description: 'CREATED, or UNCHANGED when the conversation had a message with this externalId.',
      resolve: ({ result }) => result,
    }),
  }),
});

defineMutation('resendMessage', {
  description:
    'Sends the e-mail of a message again that failed, under the same Message-ID. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: (t) => ({ id: t.id({ required: true, description: 'The message, whose status is FAILED.' }) }),
  resolve: ({ services, caller }, input) => services.messages.resend(caller, input),
  payload: (t) => ({
    message: t.field({
      type: Message,
      nullable: true,
      description: 'The message as it is now.',
      resolve: ({ message }) => message,
    }),
    result: t.field({
      type: WriteResult,
      nullable: true,
      description: 'What was done: UPDATED, or UNCHANGED when it waits to be sent already.',
      resolve: ({ result }) => result,
    }),
  }),
});

defineMutation('editNote', {
  description:
    'Replaces what an internal note says; other messages cannot be changed, they have been read. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The internal note.' }),
    text: t.string({ required: true, description: 'What it shall say, at most 100,000 characters.' }),
    html: t.string({ description: 'The same as HTML, at most 400,000 characters; without it the note has none.' }),
    ifVersion: t.int({ description: 'Do it only while the note is at this version.' }),
  }),
  resolve: ({ services, caller }, input) => services.messages.editNote(caller, input),
  payload: (t) => ({
    message: t.field({
      type: Message,
      nullable: true,
      description: 'The note as it is now.',
      resolve: ({ message }) => message,
    }),
    result: t.field({
      type: WriteResult,
      nullable: true,
      description: 'What was done.',
      resolve: ({ result }) => result,
    }),
  }),
});
