import { idField, textField, timeField } from '../../db/lists/fields.js';
import { defineList } from '../../db/lists/listing.js';
import { timeKey } from '../../db/lists/sort-keys.js';
import { campaigns } from '../../db/reading/tables.js';

/** The workspace's campaigns, by default the newest first. */
export const campaignList = defineList({
  name: 'Campaign',
  what: 'campaigns',
  table: campaigns,
  filter: {
    id: idField('id', 'Campaign', 'By id.'),
    name: textField('name', 'By the exact name.'),
    createdAt: timeField('createdAt', 'By time of creation.'),
  },
  order: { keys: { CREATED_AT: timeKey('createdAt', 'When they were created.') } },
  first: ['CREATED_AT', 'DESC'],
});
