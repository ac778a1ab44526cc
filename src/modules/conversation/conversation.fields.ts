import { raw, sql } from '../../db/database.js';
import { enumField, flagField, idField, intField, textField, timeField, wordsField } from '../../db/lists/fields.js';
import { type FilterField, type FilterOf, holds, mentions } from '../../db/lists/filter.js';
import { defineList, type ListArgumentsOf } from '../../db/lists/listing.js';
import { timeKey, timeOrKey } from '../../db/lists/sort-keys.js';
import { conversations } from '../../db/reading/tables.js';
import { customerIdField } from '../customer/lookup/customer.lookup.js';

/** By the clock that says what a snooze is elsewhere; word for word the predicate of the index first. */
const isSnoozed: FilterField<boolean> = {
  operand: 'FLAG',
  description: 'True for those that are out of the way now, false for the others.',
  condition: (...asked) =>
    holds(sql`(r."snoozedUntil" IS NOT NULL AND r."snoozedUntil" > ${new Date()}::timestamptz)`)(...asked),
};

const filter = {
  query: wordsField(
    'By words of the subject and of the preview of the latest message: each word of the query begins one of theirs, whatever case and accents. Not empty.',
  ),
  id: idField('id', 'Conversation', 'By id.'),
  externalId: textField('externalId', 'By the id in the system they were imported from.'),
  status: enumField(
    'status',
    'ConversationStatus',
    'By status. Archived conversations are listed only when this is asked.',
  ),
  source: enumField('source', 'ConversationSource', 'By the means they began.'),
  customerId: customerIdField('customerId', 'By customer or contact.'),
  assigneeId: idField('assigneeId', 'Agent', 'By assignee; isNull: true for those nobody takes care of.'),
  channelId: idField('channelId', 'Channel', 'By channel.'),
  subject: textField('subject', 'By the exact subject.'),
  isUnread: flagField(raw('r."unreadCount" > 0'), 'True for those with unread messages, false for the others.'),
  isSnoozed,
  unreadCount: intField('unreadCount', 'By the number of unread messages.'),
  createdAt: timeField('createdAt', 'By when they began.'),
  lastMessageAt: timeField('lastMessageAt', 'By time of the latest message.'),
  firstResponseAt: timeField('firstResponseAt', 'By time of the first response.'),
  closedAt: timeField('closedAt', 'By when they were closed.'),
  updatedAt: timeField('updatedAt', 'By time of the last change.'),
};

export type ConversationFilter = FilterOf<typeof filter>;

// Word for word the predicate of the inbox index, so that the planner recognises it.
const notArchived = raw(`r."status" <> 'ARCHIVED'`);

/** Whether nothing is asked of the status, or another one; saying so then lets an index without archived ones serve. */
function leavesArchivedOut(asked: ConversationFilter | null | undefined): boolean {
  const { eq, in: oneOf } = asked?.status ?? {};
  if (eq) return eq !== 'ARCHIVED';
  return oneOf ? !oneOf.includes('ARCHIVED') : !mentions<typeof filter>(asked, 'status');
}

/**
 * The workspace's conversations, the one with the latest message first unless said otherwise. Archived ones are
 * left out unless the filter speaks of the status.
 */
export const conversationList = defineList({
  name: 'Conversation',
  what: 'conversations',
  table: conversations,
  filter,
  order: {
    name: 'Conversation',
    what: 'conversations',
    keys: {
      LAST_MESSAGE_AT: timeKey('lastMessageAt', 'When their latest message was sent.'),
      CREATED_AT: timeKey('createdAt', 'When they began.'),
      UPDATED_AT: timeOrKey('updatedAt', 'createdAt', 'When they were last changed, or began when they never were.'),
    },
  },
  first: ['LAST_MESSAGE_AT', 'DESC'],
  always: (asked) => (leavesArchivedOut(asked) ? [notArchived] : []),
});

export type ConversationListArguments = ListArgumentsOf<typeof conversationList>;
