import DataLoader from 'dataloader';
import { type Database, raw, type Sql } from '../../db/database.js';
import { conditionsOf } from '../../db/lists/filter.js';
import { type Listing, ofWorkspace, readPages } from '../../db/lists/keyset.js';
import { listingOf, readConnections } from '../../db/lists/listing.js';
import { loaderPerArguments } from '../../db/reading/loaders.js';
import { readMatches } from '../../db/reading/matches.js';
import { readRows } from '../../db/reading/rows.js';
import { conversations } from '../../db/reading/tables.js';
import type { Conversation } from '../../generated/prisma/client.js';
import { type ConversationFilter, type ConversationListArguments, conversationList } from './conversation.fields.js';

export type ConversationLoaders = ReturnType<typeof conversationLoaders>;

export function conversationLoaders(db: Database, workspaceId: string) {
  const ofCustomer = raw('r."customerId"');
  const ofAssignee = raw('r."assigneeId"');
  const firstOf = async (listing: Listing<Conversation>, column: Sql, ids: readonly string[]) =>
    (await readPages(db, listing, { column, ids })).map(({ rows }) => rows[0] ?? null);

  return {
    /** Conversations by id; null where the workspace has none. */
    byId: new DataLoader<string, Conversation | null>((ids) => readRows(db, conversations, workspaceId, ids)),

    /** The same with what is selected of them alone. */
    selected: loaderPerArguments((args: Pick<ConversationListArguments, 'select'>, ids) => {
      const listing = listingOf(conversationList, workspaceId, { ...args, first: 1 });
      return firstOf({ ...listing, where: [ofWorkspace(workspaceId)] }, raw('r."id"'), ids);
    }),

    /** Whether the conversation of a change meets the filter, by `keyOfChange`. */
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
    ofCustomer: loaderPerArguments((args: ConversationListArguments, ids) =>
      readConnections(db, listingOf(conversationList, workspaceId, args), { column: ofCustomer, ids }),
    ),

    /** A page of conversations per agent id. */
    ofAssignee: loaderPerArguments((args: ConversationListArguments, ids) =>
      readConnections(db, listingOf(conversationList, workspaceId, args), { column: ofAssignee, ids }),
    ),

    /** The conversation with the latest message per customer id, archived ones left out; null when there is none. */
    latestOfCustomer: loaderPerArguments((args: Pick<ConversationListArguments, 'select'>, ids) =>
      firstOf(listingOf(conversationList, workspaceId, { ...args, first: 1 }), ofCustomer, ids),
    ),
  };
}
