import { raw, type Sql, sql } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import {
  type Combinable,
  type Comparator,
  compares,
  conditionsOf,
  type FieldConditions,
  holds,
  mentions,
  plainText,
} from '../../db/reading/filter.js';
import { type Listing, ofWorkspace, pageRequest, type SortKey } from '../../db/reading/keyset.js';
import type { ListArguments } from '../../db/reading/listing.js';
import { relatedRows } from '../../db/reading/relations.js';
import { matchesQuery } from '../../db/reading/search.js';
import { conversations } from '../../db/reading/tables.js';
import type {
  Agent,
  Channel,
  Conversation,
  ConversationSource,
  ConversationStatus,
  Customer,
} from '../../generated/prisma/client.js';
import { namesCustomer } from '../customer/lookup/customer.lookup.js';

/** A conversation, with the rows it points to when the list fetched them along. */
export interface ConversationRow extends Conversation {
  customer?: Customer;
  assignee?: Agent | null;
  channel?: Channel | null;
}

export interface ConversationFilter extends Combinable<ConversationFilter> {
  query?: string | null | undefined;
  id?: Comparator<string> | null | undefined;
  externalId?: Comparator<string> | null | undefined;
  status?: Comparator<ConversationStatus> | null | undefined;
  source?: Comparator<ConversationSource> | null | undefined;
  customerId?: Comparator<string> | null | undefined;
  assigneeId?: Comparator<string> | null | undefined;
  channelId?: Comparator<string> | null | undefined;
  subject?: Comparator<string> | null | undefined;
  isUnread?: boolean | null | undefined;
  isSnoozed?: boolean | null | undefined;
  unreadCount?: Comparator<number> | null | undefined;
  createdAt?: Comparator<Date> | null | undefined;
  lastMessageAt?: Comparator<Date> | null | undefined;
  firstResponseAt?: Comparator<Date> | null | undefined;
  closedAt?: Comparator<Date> | null | undefined;
  updatedAt?: Comparator<Date> | null | undefined;
}

const conditions: Omit<FieldConditions<ConversationFilter>, 'customerId'> = {
  query: matchesQuery,
  id: compares(raw('r."id"'), 'text', (value, path) => readId('Conversation', value, path)),
  externalId: compares(raw('r."externalId"'), 'text', plainText),
  status: compares(raw('r."status"'), '"ConversationStatus"'),
  source: compares(raw('r."source"'), '"ConversationSource"'),
  assigneeId: compares(raw('r."assigneeId"'), 'text', (value, path) => readId('Agent', value, path)),
  channelId: compares(raw('r."channelId"'), 'text', (value, path) => readId('Channel', value, path)),
  subject: compares(raw('r."subject"'), 'text', plainText),
  isUnread: holds(raw('r."unreadCount" > 0')),
  // By the clock that says what a snooze is elsewhere; word for word the predicate of the index first.
  isSnoozed: (value, path) =>
    holds(sql`(r."snoozedUntil" IS NOT NULL AND r."snoozedUntil" > ${new Date()}::timestamptz)`)(value, path),
  unreadCount: compares(raw('r."unreadCount"'), 'int'),
  createdAt: compares(raw('r."createdAt"'), 'timestamptz'),
  lastMessageAt: compares(raw('r."lastMessageAt"'), 'timestamptz'),
  firstResponseAt: compares(raw('r."firstResponseAt"'), 'timestamptz'),
  closedAt: compares(raw('r."closedAt"'), 'timestamptz'),
  updatedAt: compares(raw('r."updatedAt"'), 'timestamptz'),
};

const conditionsIn = (workspaceId: string): FieldConditions<ConversationFilter> => {
  return { customerId: namesCustomer(raw('r."customerId"'), workspaceId), ...conditions };
};

// Word for word the predicate of the inbox index, so that the planner recognises it.
const notArchived = raw(`r."status" <> 'ARCHIVED'`);

export type ConversationOrderField = 'LAST_MESSAGE_AT' | 'CREATED_AT' | 'UPDATED_AT';

const sortKeys: Record<ConversationOrderField, SortKey<Conversation>> = {
  LAST_MESSAGE_AT: {
    expression: raw('r."lastMessageAt"'),
    type: 'timestamptz',
    columns: ['lastMessageAt'],
    of: (conversation) => conversation.lastMessageAt.toISOString(),
  },
  CREATED_AT: {
    expression: raw('r."createdAt"'),
    type: 'timestamptz',
    columns: ['createdAt'],
    of: (conversation) => conversation.createdAt.toISOString(),
  },
  UPDATED_AT: {
    expression: raw('COALESCE(r."updatedAt", r."createdAt")'),
    type: 'timestamptz',
    columns: ['updatedAt', 'createdAt'],
    of: (conversation) => (conversation.updatedAt ?? conversation.createdAt).toISOString(),
  },
};

export type ConversationListArguments = ListArguments<ConversationFilter, ConversationOrderField>;

/** What the conversations of a filter meet. Archived ones are left out unless the filter speaks of the status. */
export const conversationConditions = (workspaceId: string, filter: ConversationFilter | null | undefined): Sql[] => [
  ...(leavesArchivedOut(filter) ? [notArchived] : []),
  ...conversationMatch(workspaceId, filter ?? {}),
];

/** What the conversations of a filter meet, archived ones as all others. */
export const conversationMatch = (workspaceId: string, filter: ConversationFilter): Sql[] =>
  conditionsOf(filter, conditionsIn(workspaceId));

/** Whether nothing is asked of the status, or another one; saying so then lets an index without archived ones serve. */
function leavesArchivedOut(filter: ConversationFilter | null | undefined): boolean {
  const { eq, in: oneOf } = filter?.status ?? {};
  if (eq) return eq !== 'ARCHIVED';
  return oneOf ? !oneOf.includes('ARCHIVED') : !mentions(filter, 'status');
}

/**
 * The workspace's conversations, the one with the latest message first unless said otherwise. Archived ones are
 * left out unless the filter speaks of the status.
 */
export function conversationListing(workspaceId: string, args: ConversationListArguments): Listing<ConversationRow> {
  const { field, direction } = args.orderBy ?? { field: 'LAST_MESSAGE_AT', direction: 'DESC' };
  const ordering = { name: `Conversation.${field}`, key: sortKeys[field], direction };
  return {
    table: conversations,
    where: [ofWorkspace(workspaceId), ...conversationConditions(workspaceId, args.filter)],
    ordering,
    page: pageRequest(args, ordering),
    columns: args.select?.columns,
    planned: mentions(args.filter, 'query') ? 'anew' : 'once',
    related: relatedRows(conversations, args.select),
  };
}
