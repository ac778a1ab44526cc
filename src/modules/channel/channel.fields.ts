import { enumField, idField, textField } from '../../db/lists/fields.js';
import { defineList } from '../../db/lists/listing.js';
import { timeKey } from '../../db/lists/sort-keys.js';
import { channels } from '../../db/reading/tables.js';

/** The workspace's channels, by default the oldest first. */
export const channelList = defineList({
  name: 'Channel',
  what: 'channels',
  table: channels,
  filter: {
    id: idField('id', 'Channel', 'By id.'),
    name: textField('name', 'By the exact name.'),
    kind: enumField('kind', 'ChannelKind', 'By kind.'),
  },
  order: { keys: { CREATED_AT: timeKey('createdAt', 'When they were created.') } },
  first: ['CREATED_AT', 'ASC'],
});
