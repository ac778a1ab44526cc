import { raw } from '../../db/database.js';
import { idField, textField, textListField, timeField } from '../../db/lists/fields.js';
import { defineList } from '../../db/lists/listing.js';
import { timeKey } from '../../db/lists/sort-keys.js';
import { links } from '../../db/reading/tables.js';

/** The workspace's links that were not deleted, by default the newest first. */
export const linkList = defineList({
  name: 'Link',
  what: 'links',
  table: links,
  filter: {
    id: idField('id', 'Link', 'By id.'),
    name: textField('name', 'By the exact name.'),
    shortCode: textField('shortCode', 'By the exact short code.'),
    tags: textListField('tags', 'By tags.'),
    campaignId: idField('campaignId', 'Campaign', 'By campaign.'),
    createdAt: timeField('createdAt', 'By time of creation.'),
  },
  order: { keys: { CREATED_AT: timeKey('createdAt', 'When they were created.') } },
  first: ['CREATED_AT', 'DESC'],
  always: () => [raw('r."deletedAt" IS NULL')],
});
