import { raw } from '../../db/database.js';
import { caselessField, flagField, idField, textField } from '../../db/lists/fields.js';
import { defineList } from '../../db/lists/listing.js';
import { timeKey } from '../../db/lists/sort-keys.js';
import { agents } from '../../db/reading/tables.js';

/** The workspace's agents, by default the oldest first. */
export const agentList = defineList({
  name: 'Agent',
  what: 'agents',
  table: agents,
  filter: {
    id: idField('id', 'Agent', 'By id.'),
    name: textField('name', 'By the exact name.'),
    email: caselessField('email', 'By e-mail address, ignoring upper and lower case.'),
    isActive: flagField(raw('r."deactivatedAt" IS NULL'), 'True for active agents, false for deactivated ones.'),
  },
  order: { keys: { CREATED_AT: timeKey('createdAt', 'When they were created.') } },
  first: ['CREATED_AT', 'ASC'],
});
