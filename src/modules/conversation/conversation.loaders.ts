import { readByIds } from '../../db/lists/by-id.js';
import { conditionsOf } from '../../db/lists/filter.js';
import { ofWorkspace, type Selection } from '../../db/lists/keyset.js';
import { listingOf } from '../../db/lists/listing.js';
import { connectionsBy, type LoaderParts, loaderPerArguments } from '../../db/reading/loaders.js';
import { readMatches } from '../../db/reading/matches.js';
import { conversations } from '../../db/reading/tables.js';
import { type ConversationFilter, type ConversationListArguments, conversationList } from './conversation.fields.js';
import { type MessageListArguments, messageList } from './message/message.fields.js';

/** The columns to read of a conversation, and the page of its messages. */
interface SelectedConversation {
  select?: Selection;
  messages?: MessageListArguments | undefined;
}

export function conversationLoaders(parts: LoaderParts) {
  const { db, workspaceId } = parts;
  const messagesOf = connectionsBy(parts, messageList, 'conversationId');
  const ofCustomer = connectionsBy(parts, conversationList, 'customerId');

  return {
    /**
     * Conversations by id, with only the selected columns; null for an unknown id. They are read together with their
     * messages, unless these would be too many.
     */
    selected: loaderPerArguments(({ messages, ...args }: SelectedConversation, ids, key) => {
      const nested = messages && messagesOf(messages).nested();
      const listing = listingOf(conversationList, workspaceId, { ...args, nested });
      const where = [ofWorkspace(workspaceId)];
      return readByIds(db, { ...listing, where }, `${workspaceId} ${key}`, ids);
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
    ofCustomer,

    /** A page of conversations per agent id. */
    ofAssignee: connectionsBy(parts, conversationList, 'assigneeId'),

    /** The conversation with the latest message per customer id, without archived ones; null if there is none. */
    latestOfCustomer(args: Pick<ConversationListArguments, 'select'>) {
      const pages = ofCustomer({ ...args, first: 1 });
      const load = async (customerId: string) => (await pages.load(customerId)).page.rows[0] ?? null;
      return { load, nested: pages.nested };
    },
  };
}
