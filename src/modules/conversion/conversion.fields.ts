import { raw } from '../../db/database.js';
import { bigIntField, enumField, flagField, idField, keyField, timeField } from '../../db/lists/fields.js';
import { defineList } from '../../db/lists/listing.js';
import { timeKey } from '../../db/lists/sort-keys.js';
import { conversions } from '../../db/reading/tables.js';
import { customerIdField } from '../customer/lookup/customer.lookup.js';

/** The workspace's conversions, including refunds, by default the latest first. */
export const conversionList = defineList({
  name: 'Conversion',
  what: 'conversions',
  table: conversions,
  filter: {
    id: idField('id', 'Conversion', 'By id.'),
    customerId: customerIdField(
      'customerId',
      'By customer; the id of a merged customer selects the one it was merged into.',
    ),
    class: enumField('class', 'ConversionClass', 'By class.'),
    status: enumField('status', 'ConversionStatus', 'By status.'),
    orderId: keyField('orderId', "By the workspace's own id of the order."),
    isRefund: flagField(raw('r."refundOfId" IS NOT NULL'), 'True for refunds, false for the others.'),
    amountMinor: bigIntField('baseAmountMinor', "By amount in minor units of the workspace's currency."),
    occurredAt: timeField('occurredAt', 'By when they happened.'),
  },
  order: { keys: { OCCURRED_AT: timeKey('occurredAt', 'When they happened.') } },
  first: ['OCCURRED_AT', 'DESC'],
});
