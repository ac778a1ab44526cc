import { raw } from '../../db/database.js';
import { conditionsOf } from '../../db/lists/filter.js';
import { type Listing, ofWorkspace, type Selection } from '../../db/lists/keyset.js';
import { listingOf } from '../../db/lists/listing.js';
import { readPages } from '../../db/lists/pages.js';
import { connectionsBy, type LoaderParts, loaderPerArguments } from '../../db/reading/loaders.js';
import { readMatches } from '../../db/reading/matches.js';
import { conversations } from '../../db/reading/tables.js';
import type { Conversation } from '../../generated/prisma/client.js';
import { type ConversationFilter, type ConversationListArguments, conversationList } from './conversation.fields.js';
import { type MessageListArguments, messageList } from './message/message.fields.js';

/** What is wanted of a conversation, and which of its messages. */
interface SelectedConversation {
  select?: Selection;
  messages?: MessageListArguments | undefined;
}

export function conversationLoaders(parts: LoaderParts) {
  const { db, workspaceId } = parts;
  const firstOf = async (listing: Listing<Conversation>, column: 'id' | 'customerId', ids: readonly string[]) =>
    (await readPages(db, listing, { column: raw(`r."${column}"`), ids })).map(({ rows }) => rows[0] ?? null);
  const messagesOf = connectionsBy(parts, messageList, 'conversationId');

  return {
    /** Conversations by id, with the selected columns only; null for an unknown id. One conversation brings its messages. */
    selected: loaderPerArguments(({ messages, ...args }: SelectedConversation, ids) => {
      const nested = messages && messagesOf(messages).nested();
      const listing = listingOf(conversationList, workspaceId, { ...args, nested, first: 1 });
      return firstOf({ ...listing, where: [ofWorkspace(workspaceId)] }, 'id', ids);
    }),

    /** A page of messages per conversation id. */
    messages: messagesOf,

    /** Whether the conversation of a change matches the filter, by `keyOfChange`. */
    matches: loaderPerArguments((filter: ConversationFilter, changes) =>
      readMatches(
        db,
        conversations.name,
        workspaceId,
        conditionsOf(filter, conversationList.filter, workspaceId),
        changes,
      ),
    ),

    /** A page of conversations per customer id. */
    ofCustomer: connectionsBy(parts, conversationList, 'customerId'),

    /** A page of conversations per agent id. */
    ofAssignee: connectionsBy(parts, conversationList, 'assigneeId'),

    /** The conversation with the latest message per customer id, without archived ones; null if there is none. */
    latestOfCustomer: loaderPerArguments((args: Pick<ConversationListArguments, 'select'>, ids) =>
      firstOf(listingOf(conversationList, workspaceId, { ...args, first: 1 }), 'customerId', ids),
    ),
  };
}
