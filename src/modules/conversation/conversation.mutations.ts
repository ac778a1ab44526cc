import { builder } from '../../graphql/schema/builder.js';
import { nameInput } from '../../graphql/schema/input.js';
import { defineMutation } from '../../graphql/schema/mutation.js';
import { Contact } from '../contact/contact.types.js';
import { WriteResult } from '../customer/customer.mutations.js';
import {
  assignConversationInput,
  markConversationReadInput,
  setConversationStatusInput,
  snoozeConversationInput,
  startConversationInput,
  unsnoozeConversationInput,
  updateConversationInput,
} from './conversation.input.js';
import { Conversation } from './conversation.types.js';
import { Message } from './message/message.types.js';

nameInput(
  'StartDirection',
  builder.enumType('StartDirection', {
    description: 'Who writes the first message of a conversation.',
    values: {
      INBOUND: { description: 'The contact; the message counts as unread.' },
      OUTBOUND: { description: 'The team.' },
    },
  }),
);

defineMutation('startConversation', {
  description:
    'Starts a conversation with its first message. A contact is created if nobody has the e-mail address. An outbound message is sent to the contact by e-mail if the channel is an e-mail channel with an address. Needs conversations:write.',
  scope: 'conversations:write',
  input: startConversationInput,
  resolve: ({ services, caller }, input) => services.conversations.start(caller, input),
  payload: {
    conversation: { type: Conversation, description: 'The new conversation.' },
    contact: { type: Contact, description: 'The contact of the conversation.' },
    message: { type: Message, description: 'The first message.' },
  },
});

const changed = {
  conversation: { type: Conversation, description: 'The conversation after the change.' },
  result: { type: WriteResult, description: 'What was done.' },
};

defineMutation('setConversationStatus', {
  description:
    'Opens, closes or archives a conversation. Opening clears its closing time, and unassigns it if its assignee has been deactivated. Closing or archiving ends a snooze. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: setConversationStatusInput,
  resolve: ({ services, caller }, input) => services.conversations.setStatus(caller, input),
  payload: changed,
});

defineMutation('assignConversation', {
  description: 'Assigns a conversation to an agent, or unassigns it. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: assignConversationInput,
  resolve: ({ services, caller }, input) => services.conversations.assign(caller, input),
  payload: changed,
});

defineMutation('markConversationRead', {
  description: 'Marks all messages of a conversation as read. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: markConversationReadInput,
  resolve: ({ services, caller }, input) => services.conversations.markRead(caller, input),
  payload: changed,
});

defineMutation('updateConversation', {
  description:
    'Changes the subject, the priority or the channel of a conversation. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: updateConversationInput,
  resolve: ({ services, caller }, input) => services.conversations.update(caller, input),
  payload: changed,
});

defineMutation('snoozeConversation', {
  description:
    'Snoozes an open conversation until a time. The snooze ends earlier if the contact writes or the conversation is closed. Lists still contain snoozed conversations unless their filter says isSnoozed: false. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: snoozeConversationInput,
  resolve: ({ services, caller }, input) => services.conversations.snooze(caller, input),
  payload: changed,
});

defineMutation('unsnoozeConversation', {
  description: 'Ends the snooze of a conversation before its time. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: unsnoozeConversationInput,
  resolve: ({ services, caller }, input) => services.conversations.unsnooze(caller, input),
  payload: changed,
});
