import { defineMutation, written } from '../../../graphql/schema/mutation.js';
import { Conversation } from '../conversation.types.js';
import { addMessageInput, editNoteInput, resendMessageInput } from './message.input.js';
import { Message } from './message.types.js';

defineMutation('addMessage', {
  description:
    'Adds a message or an internal note to a conversation. An inbound message counts as unread, opens a conversation that is not open and ends a snooze. An outbound message is sent by e-mail if the channel of the conversation is an e-mail channel with an address. Needs conversations:write.',
  scope: 'conversations:write',
  input: addMessageInput,
  resolve: ({ services, caller }, input) => services.messages.add(caller, input),
  payload: {
    message: { type: Message, description: 'The message.' },
    conversation: { type: Conversation, description: 'The conversation after the change.' },
    result: written('CREATED, or UNCHANGED if the conversation already had a message with this externalId.'),
  },
});

defineMutation('resendMessage', {
  description:
    'Sends the e-mail of a message again after it failed, with the same Message-ID. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: resendMessageInput,
  resolve: ({ services, caller }, input) => services.messages.resend(caller, input),
  payload: {
    message: { type: Message, description: 'The message after the change.' },
    result: written('UPDATED, or UNCHANGED if the e-mail is already waiting to be sent.'),
  },
});

defineMutation('editNote', {
  description:
    'Replaces the content of an internal note. Other messages cannot be changed. Safe to repeat. Needs conversations:write.',
  scope: 'conversations:write',
  input: editNoteInput,
  resolve: ({ services, caller }, input) => services.messages.editNote(caller, input),
  payload: {
    message: { type: Message, description: 'The note after the change.' },
    result: written(),
  },
});
