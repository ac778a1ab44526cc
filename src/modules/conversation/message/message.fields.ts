import { raw } from '../../../db/database.js';
import { enumField, flagField, idField, keyField, timeField, wordsField } from '../../../db/lists/fields.js';
import { defineList, type ListArgumentsOf } from '../../../db/lists/listing.js';
import { timeKey } from '../../../db/lists/sort-keys.js';
import { messages } from '../../../db/reading/tables.js';

/** The messages of conversations, by default in the order in which they were sent. */
export const messageList = defineList({
  name: 'Message',
  what: 'messages',
  table: messages,
  filter: {
    query: wordsField(
      'By words of the text. Each word of the query must be the beginning of one of these words, ignoring case and accents. Blank for no condition.',
    ),
    id: idField('id', 'Message', 'By id.'),
    externalId: keyField('externalId', 'By id in another system.'),
    direction: enumField('direction', 'MessageDirection', 'By direction.'),
    status: enumField('status', 'MessageStatus', 'By status.'),
    isInternal: flagField(raw('r."internal"'), 'True for internal notes, false for the others.'),
    agentId: idField('agentId', 'Agent', 'By the agent who wrote them.'),
    sentAt: timeField('sentAt', 'By when they were sent.'),
    createdAt: timeField('createdAt', 'By when they were stored.'),
  },
  order: { keys: { SENT_AT: timeKey('sentAt', 'When they were sent.') } },
  first: ['SENT_AT', 'ASC'],
});

export type MessageListArguments = ListArgumentsOf<typeof messageList>;
