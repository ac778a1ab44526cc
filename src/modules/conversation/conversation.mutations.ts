import { builder } from '../../graphql/schema/builder.js';
import { nameInput } from '../../graphql/schema/input.js';
import { defineMutation, written } from '../../graphql/schema/mutation.js';
import { maxTags } from '../../lib/values/tags.js';
import { Contact } from '../contact/contact.types.js';
import {
  assignConversationInput,
  conversationTagsInput,
  deleteConversationInput,
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
  result: written(),
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
    'Changes the assignee, the status, the snooze, the subject, the notes, the metadata, the priority, the tags or the channel of a conversation: all that is given, or nothing. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: updateConversationInput,
  resolve: ({ services, caller }, input) => services.conversations.update(caller, input),
  payload: changed,
});

defineMutation('addConversationTags', {
  description: `Adds tags at the end of the list; tags that the conversation already has keep their place. A conversation has at most ${maxTags}. Safe to repeat, also while others change tags. Needs conversations:write.`,
  scope: 'conversations:write',
  input: conversationTagsInput,
  resolve: ({ services, caller }, input) => services.conversations.addTags(caller, input),
  payload: changed,
});

defineMutation('removeConversationTags', {
  description:
    'Removes tags; tags that the conversation does not have are ignored. Safe to repeat, also while others change tags. Needs conversations:write.',
  scope: 'conversations:write',
  input: conversationTagsInput,
  resolve: ({ services, caller }, input) => services.conversations.removeTags(caller, input),
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

defineMutation('deleteConversation', {
  description:
    'Removes a conversation with its messages and files for good; mails that wait are not sent. Its events stay without what was said. The contact stays. To hide it instead, archive it. Needs conversations:write.',
  scope: 'conversations:write',
  input: deleteConversationInput,
  resolve: ({ services, caller }, input) => services.conversations.delete(caller, input),
  payload: { deletedId: { type: 'ID', description: 'The plain id of the conversation that was removed.' } },
});
