import { enumField, idField, textField, timeField } from '../../../db/lists/fields.js';
import { defineList } from '../../../db/lists/listing.js';
import { timeKey } from '../../../db/lists/sort-keys.js';
import { rejectedMails } from '../../../db/reading/tables.js';

/** The rejected mails of the workspace, the latest first by default. */
export const rejectedMailList = defineList({
  name: 'RejectedMail',
  what: 'rejected mails',
  table: rejectedMails,
  filter: {
    id: idField('id', 'RejectedMail', 'By id.'),
    reason: enumField('reason', 'RejectionReason', 'By reason.'),
    sender: textField('sender', 'By the exact address of the sender, in lower case.'),
    createdAt: timeField('createdAt', 'By when they were first received.'),
  },
  order: { keys: { CREATED_AT: timeKey('createdAt', 'When they were first received.') } },
  first: ['CREATED_AT', 'DESC'],
});
