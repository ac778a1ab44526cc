import DataLoader from 'dataloader';
import { type Database, raw } from '../../../db/database.js';
import { listingOf, readConnections } from '../../../db/lists/listing.js';
import { loaderPerArguments } from '../../../db/reading/loaders.js';
import { readRows } from '../../../db/reading/rows.js';
import { messages } from '../../../db/reading/tables.js';
import type { Message } from '../../../generated/prisma/client.js';
import { type MessageListArguments, messageList } from './message.fields.js';

export type MessageLoaders = ReturnType<typeof messageLoaders>;

export function messageLoaders(db: Database, workspaceId: string) {
  const ofConversation = raw('r."conversationId"');
  return {
    /** Messages by id; null where the workspace has none. */
    byId: new DataLoader<string, Message | null>((ids) => readRows(db, messages, workspaceId, ids)),

    /** A page of messages per conversation id. */
    ofConversation: loaderPerArguments((args: MessageListArguments, ids) =>
      readConnections(db, listingOf(messageList, workspaceId, args), { column: ofConversation, ids }),
    ),
  };
}
