import { raw } from '../../db/database.js';
import type { FilterOf } from '../../db/lists/filter.js';
import { defineList } from '../../db/lists/listing.js';
import { customerList } from '../customer/customer.fields.js';

const { query, identity, id, externalId, email, ltvMinor, salesCount, firstSaleAt, createdAt, updatedAt } =
  customerList.filter;
const { CREATED_AT, UPDATED_AT, NAME, LTV, FIRST_SALE_AT } = customerList.order.keys;

/** The customers of the workspace who have an externalId, the newest first by default. */
export const trackedCustomerList = defineList({
  name: 'TrackedCustomer',
  what: 'tracked customers',
  table: customerList.table,
  /** Without the fields that show something about conversations. */
  filter: {
    query,
    identity,
    id: { ...id, description: 'By id; ids of merged customers lead to the survivor.' },
    externalId,
    email,
    ltvMinor,
    salesCount,
    firstSaleAt,
    createdAt,
    updatedAt,
  },
  order: { keys: { CREATED_AT, UPDATED_AT, NAME, LTV, FIRST_SALE_AT } },
  first: ['CREATED_AT', 'DESC'],
  always: () => [...(customerList.always?.(null) ?? []), raw('r."externalId" IS NOT NULL')],
});

export type TrackedCustomerFilter = FilterOf<typeof trackedCustomerList.filter>;
