import { idField, textField, timeField } from '../../db/lists/fields.js';
import { defineList, type ListArgumentsOf } from '../../db/lists/listing.js';
import { timeKey } from '../../db/lists/sort-keys.js';
import { clicks } from '../../db/reading/tables.js';
import { customerIdField } from '../customer/lookup/customer.lookup.js';

/** The workspace's clicks, the latest first unless said otherwise. */
export const clickList = defineList({
  name: 'Click',
  what: 'clicks',
  table: clicks,
  filter: {
    id: idField('id', 'Click', 'By id.'),
    clickId: textField('clickId', 'By the name that it was given.'),
    customerId: customerIdField('customerId', 'By customer; ids of merged ones name the survivor.'),
    linkId: idField('linkId', 'Link', 'By link.'),
    campaignId: idField('campaignId', 'Campaign', 'By campaign.'),
    source: textField('source', 'By where they came from.'),
    occurredAt: timeField('occurredAt', 'By when they happened.'),
  },
  order: { name: 'Click', what: 'clicks', keys: { OCCURRED_AT: timeKey('occurredAt', 'When they happened.') } },
  first: ['OCCURRED_AT', 'DESC'],
});

export type ClickListArguments = ListArgumentsOf<typeof clickList>;
