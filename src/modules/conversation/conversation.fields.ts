import { holds } from '../../auth/scopes.js';
import { raw } from '../../db/database.js';
import {
  enumField,
  flagField,
  idField,
  intField,
  keyField,
  textField,
  textListField,
  timeField,
} from '../../db/lists/fields.js';
import { type FilterField, type FilterOf, holds as isTrue, mentions } from '../../db/lists/filter.js';
import { defineList, type ListArgumentsOf } from '../../db/lists/listing.js';
import { enumKey, numberKey, timeKey, timeOrKey } from '../../db/lists/sort-keys.js';
import { conversations } from '../../db/reading/tables.js';
import { customerIdField } from '../customer/lookup/customer.lookup.js';
import { wordsOrContactField } from './lookup/conversation.search.js';
import { isSnoozedRow } from './times/conversation.snooze.js';

const isSnoozed: FilterField<boolean> = {
  operand: 'FLAG',
  description: 'True for conversations that are snoozed now, false for the others.',
  condition: (...asked) => isTrue(isSnoozedRow('r'))(...asked),
};

const filter = {
  query: wordsOrContactField(false),
  id: idField('id', 'Conversation', 'By id.'),
  externalId: keyField('externalId', 'By id in the other system.'),
  status: enumField(
    'status',
    'ConversationStatus',
    'By status. Without a condition on the status, archived conversations are left out.',
  ),
  priority: enumField('priority', 'ConversationPriority', 'By priority.'),
  number: intField('number', 'By number.'),
  tags: textListField('tags', 'By tags.'),
  source: enumField('source', 'ConversationSource', 'By the way in which they began.'),
  customerId: customerIdField('customerId', 'By customer or contact.'),
  assigneeId: idField('assigneeId', 'Agent', 'By assignee; isNull: true for unassigned conversations.'),
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

// Must equal the predicate of the inbox index, so that the planner uses the index.
const notArchived = raw(`r."status" <> 'ARCHIVED'`);

/** Whether the result has no archived conversations. The explicit condition then lets the planner use the inbox index. */
function leavesArchivedOut(asked: ConversationFilter | null | undefined): boolean {
  const { eq, in: oneOf } = asked?.status ?? {};
  if (eq) return eq !== 'ARCHIVED';
  return oneOf ? !oneOf.includes('ARCHIVED') : !mentions<typeof filter>(asked, 'status');
}

/**
 * The workspace's conversations, by default the one with the latest message first. Archived conversations are left out
 * unless the filter has a condition on the status.
 */
export const conversationList = defineList({
  name: 'Conversation',
  what: 'conversations',
  table: conversations,
  filter,
  order: {
    keys: {
      LAST_MESSAGE_AT: timeKey('lastMessageAt', 'When their latest message was sent.'),
      PRIORITY: enumKey('priority', 'ConversationPriority', 'Their priority, LOW first when ascending.'),
      CREATED_AT: timeKey('createdAt', 'When they began.'),
      NUMBER: numberKey('number', 'Their number.'),
      UPDATED_AT: timeOrKey(
        'updatedAt',
        'createdAt',
        'When they were last changed, or when they began if they never were.',
      ),
    },
  },
  first: ['LAST_MESSAGE_AT', 'DESC'],
  always: (asked) => (leavesArchivedOut(asked) ? [notArchived] : []),
});

const withContacts = { ...conversationList, filter: { ...filter, query: wordsOrContactField(true) } };

/** The list for a key with these scopes. Data of contacts that the key must not read cannot be searched either. */
export const conversationListFor = (scopes: ReadonlySet<string>) =>
  holds(scopes, 'customers:read') ? withContacts : conversationList;

export type ConversationListArguments = ListArgumentsOf<typeof conversationList>;
