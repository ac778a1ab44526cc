import { connectionsBy, type LoaderParts } from '../../../db/reading/loaders.js';
import { messageListing } from './message.listing.js';

export const messageLoaders = (parts: LoaderParts) => ({
  /** A page of messages per conversation id. */
  ofConversation: connectionsBy(parts, messageListing, 'conversationId'),
});
