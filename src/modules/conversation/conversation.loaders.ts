import { raw } from '../../db/database.js';
import { type Listing, ofWorkspace, readPages } from '../../db/reading/keyset.js';
import { connectionsBy, type LoaderParts, loaderPerArguments } from '../../db/reading/loaders.js';
import { readMatches } from '../../db/reading/matches.js';
import { conversations } from '../../db/reading/tables.js';
import {
  type ConversationFilter,
  type ConversationListArguments,
  type ConversationRow,
  conversationListing,
  conversationMatch,
} from './conversation.listing.js';

export function conversationLoaders(parts: LoaderParts) {
  const { db, workspaceId } = parts;
  const firstOf = async (listing: Listing<ConversationRow>, column: 'id' | 'customerId', ids: readonly string[]) =>
    (await readPages(db, listing, { column: raw(`r."${column}"`), ids })).map(({ rows }) => rows[0] ?? null);

  return {
    /** Conversations by id, with what is selected of them alone; null where the workspace has none. */
    selected: loaderPerArguments((args: Pick<ConversationListArguments, 'select'>, ids) => {
      const listing = conversationListing(workspaceId, { ...args, first: 1 });
      return firstOf({ ...listing, where: [ofWorkspace(workspaceId)] }, 'id', ids);
    }),

    /** Whether the conversation of a change meets the filter, by `keyOfChange`. */
    matches: loaderPerArguments((filter: ConversationFilter, changes) =>
      readMatches(db, conversations.name, workspaceId, conversationMatch(workspaceId, filter), changes),
    ),

    /** A page of conversations per customer id. */
    ofCustomer: connectionsBy(parts, conversationListing, 'customerId'),

    /** A page of conversations per agent id. */
    ofAssignee: connectionsBy(parts, conversationListing, 'assigneeId'),

    /** The conversation with the latest message per customer id, archived ones left out; null when there is none. */
    latestOfCustomer: loaderPerArguments((args: Pick<ConversationListArguments, 'select'>, ids) =>
      firstOf(conversationListing(workspaceId, { ...args, first: 1 }), 'customerId', ids),
    ),
  };
}
