import { connectionsBy, type LoaderParts } from '../../../db/reading/loaders.js';
import { messageList } from './message.fields.js';

export const messageLoaders = (parts: LoaderParts) => ({
  /** A page of messages per conversation id. */
  ofConversation: connectionsBy(parts, messageList, 'conversationId'),
});
