import { idField, textField, timeField } from '../../db/lists/fields.js';
import { defineList } from '../../db/lists/listing.js';
import { timeKey } from '../../db/lists/sort-keys.js';
import { clicks } from '../../db/reading/tables.js';
import { customerIdField } from '../customer/lookup/customer.lookup.js';

/** The workspace's clicks, by default the latest first. */
export const clickList = defineList({
  name: 'Click',
  what: 'clicks',
  table: clicks,
  filter: {
    id: idField('id', 'Click', 'By id.'),
    clickId: textField('clickId', 'By clickId.'),
    customerId: customerIdField(
      'customerId',
      'By customer; the id of a merged customer selects the one it was merged into.',
    ),
    linkId: idField('linkId', 'Link', 'By link.'),
    campaignId: idField('campaignId', 'Campaign', 'By campaign.'),
    source: textField('source', 'By source.'),
    occurredAt: timeField('occurredAt', 'By when they happened.'),
  },
  order: { keys: { OCCURRED_AT: timeKey('occurredAt', 'When they happened.') } },
  first: ['OCCURRED_AT', 'DESC'],
});
