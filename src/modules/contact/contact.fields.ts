import { raw } from '../../db/database.js';
import { mentions } from '../../db/lists/filter.js';
import { defineList } from '../../db/lists/listing.js';
import { customerList } from '../customer/customer.fields.js';

const { query, nameOrEmail, id, email, name, phone, source, tags } = customerList.filter;
const { isArchived, conversationCount, createdAt, updatedAt, lastMessageAt } = customerList.filter;

/** The filter fields of contacts: the fields of a customer that the inbox shows. */
const filter = {
  query,
  nameOrEmail,
  id: { ...id, description: 'By id; ids of customers are accepted too.' },
  email,
  name,
  phone,
  source: { ...source, description: 'By how the contact was added.' },
  tags,
  isArchived,
  conversationCount,
  createdAt,
  updatedAt,
  lastMessageAt,
};

const notArchived = raw('r."archivedAt" IS NULL');

/**
 * The contacts of the workspace, the latest activity first by default. Archived ones are left out unless the filter uses
 * `isArchived`.
 */
export const contactList = defineList({
  table: customerList.table,
  order: customerList.order,
  name: 'Contact',
  what: 'contacts',
  filter,
  first: ['LAST_ACTIVITY_AT', 'DESC'],
  always: (asked) => [
    ...(customerList.always?.(null) ?? []),
    ...(mentions<typeof filter>(asked, 'isArchived') ? [] : [notArchived]),
  ],
});
