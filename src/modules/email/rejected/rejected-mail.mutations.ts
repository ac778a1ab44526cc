import { defineMutation, written } from '../../../graphql/schema/mutation.js';
import { Conversation } from '../../conversation/conversation.types.js';
import { Message } from '../../conversation/message/message.types.js';
import { retryRejectedMailInput } from './rejected-mail.input.js';

defineMutation('retryRejectedMail', {
  description:
    'Processes a rejected mail again after the cause of the rejection is corrected. It becomes a message and is no longer a rejected mail. Needs conversations:write.',
  scope: 'conversations:write',
  input: retryRejectedMailInput,
  resolve: ({ services, caller }, input) => services.rejectedMails.retry(caller, input),
  payload: {
    message: { type: Message, description: 'The message that it became.' },
    conversation: { type: Conversation, description: 'The conversation of the message.' },
    result: written('CREATED, or UNCHANGED if the same e-mail was a message already.'),
  },
});
