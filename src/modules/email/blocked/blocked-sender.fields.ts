import { idField, textField, timeField } from '../../../db/lists/fields.js';
import { defineList } from '../../../db/lists/listing.js';
import { timeKey } from '../../../db/lists/sort-keys.js';
import { blockedSenders } from '../../../db/reading/tables.js';

/** The blocked senders of the workspace, the latest first by default. */
export const blockedSenderList = defineList({
  name: 'BlockedSender',
  what: 'blocked senders',
  table: blockedSenders,
  filter: {
    id: idField('id', 'BlockedSender', 'By id.'),
    pattern: textField('pattern', 'By the exact address or domain, in lower case.'),
    createdAt: timeField('createdAt', 'By when they were blocked.'),
  },
  order: { keys: { CREATED_AT: timeKey('createdAt', 'When they were blocked.') } },
  first: ['CREATED_AT', 'DESC'],
});
