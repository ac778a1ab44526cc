import { raw, type Sql, sql } from '../../db/database.js';
import {
  bigIntField,
  enumField,
  flagField,
  intField,
  keyField,
  textListField,
  timeField,
  wordsField,
} from '../../db/lists/fields.js';
import {
  type Comparator,
  compares,
  type FilterField,
  type FilterOf,
  type Path,
  plainText,
} from '../../db/lists/filter.js';
import { defineList } from '../../db/lists/listing.js';
import { numberKey, timeKey, timeOrKey, timeOrNoneKey } from '../../db/lists/sort-keys.js';
import { customers } from '../../db/reading/tables.js';
import type { Customer } from '../../generated/prisma/client.js';
import { oneSpelling } from '../../lib/text/email.js';
import { idsByEmail } from './lookup/customer.emails.js';
import { customerIdField } from './lookup/customer.lookup.js';
import { identity, nameOrEmail, phone } from './lookup/customer.search.js';

/**
 * The sort key of a name: the expression of its index, also for finding a name regardless of case. The "C" collation
 * changes the case of ASCII letters only; the collation "natural" sorts as people do.
 */
export const nameKeyOf = (name: Sql): Sql => sql`lower(COALESCE(${name}, '') COLLATE "C") COLLATE "natural"`;

const nameKey = nameKeyOf(raw('r."name"'));
const asciiLower = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** The database folds both sides, because JavaScript folds some letters differently. */
const folded = (address: string, path: Path): Sql => sql`lower(${oneSpelling(plainText(address, path))})`;

const exactName = compares<string>(raw('r."name"'), 'text', plainText);
const similarName = compares<string>(nameKey, 'text', asciiLower);

const name: FilterField<Comparator<string>> = {
  operand: 'String',
  description: 'By the exact name.',
  condition: (comparator, path, workspaceId) => {
    const exactly = exactName(comparator, path, workspaceId);
    const { eq, in: oneOf } = comparator;
    if (eq == null && oneOf == null) return exactly;
    // The index has names in lower case. It finds the few candidates, and the exact condition selects among them.
    const alike = similarName({ eq: eq ?? undefined, in: oneOf ?? undefined }, path, workspaceId);
    return sql`(${exactly} AND ${alike})`;
  },
};

const primaryEmail = compares<string>(raw('lower(r."email")'), 'text', folded);
const anyEmail = compares<string>(raw('r."id"'), 'text', folded, (condition, workspaceId) =>
  idsByEmail(workspaceId, condition),
);

/** Equality compares with all addresses of a customer; other comparisons use the primary one. */
const email: FilterField<Comparator<string>> = {
  operand: 'String',
  description: 'By e-mail address, regardless of case: any of those that the customer has.',
  condition: ({ eq, in: oneOf, ...others }, path, workspaceId) => {
    const byAny = { ...(eq !== undefined && { eq }), ...(oneOf !== undefined && { in: oneOf }) };
    return sql`(${anyEmail(byAny, path, workspaceId)} AND ${primaryEmail(others, path, workspaceId)})`;
  },
};

const filter = {
  query: wordsField(
    'By words of name, e-mail addresses, externalId and phone: each word of the query must be the beginning of one of these words, regardless of case and accents; numbers in any spelling. Blank for no condition.',
  ),
  nameOrEmail,
  identity,
  id: customerIdField('id', 'By id; ids of contacts are accepted too.'),
  externalId: keyField('externalId', "By the workspace's own id."),
  email,
  name,
  phone,
  status: enumField('status', 'CustomerStatus', 'By status.'),
  sentiment: enumField('sentiment', 'Sentiment', 'By mood.'),
  source: enumField('source', 'CustomerSource', 'By how the customer was added.'),
  tags: textListField('tags', 'By tags.'),
  isArchived: flagField(raw('r."archivedAt" IS NOT NULL'), 'True for archived contacts, false for all others.'),
  conversationCount: intField('conversationCount', 'By the number of conversations.'),
  ltvMinor: bigIntField('ltvMinor', 'By lifetime value in minor units.'),
  salesCount: intField('salesCount', 'By the number of sales.'),
  firstSaleAt: timeField('firstSaleAt', 'By time of the first sale.'),
  createdAt: timeField('createdAt', 'By time of creation.'),
  updatedAt: timeField('updatedAt', 'By time of the last change.'),
  lastMessageAt: timeField('lastMessageAt', 'By time of the latest message.'),
};

export type CustomerFilter = FilterOf<typeof filter>;

const nameOrder = {
  description:
    'The name as people sort it: regardless of case, letters with accents beside those without, numbers by value. Customers without a name come first.',
  expression: nameKey,
  type: 'text',
  columns: ['name'],
  of: (customer: Pick<Customer, 'name'>) => asciiLower(customer.name ?? ''),
} as const;

const activityOrder = timeOrKey(
  'lastMessageAt',
  'createdAt',
  'When the latest message was sent; without a message, when the customer was created.',
);

/** When the latest message was sent, else when the customer was created: the expression of the index on activity. */
export const lastActivity = activityOrder.expression;

/** Exactly the predicate of the indexes on customers, so that the planner can use them. */
export const visible: Sql = raw('r."deletedAt" IS NULL AND r."mergedIntoId" IS NULL');

/** The customers of the workspace, without deleted and merged ones, the newest first by default. */
export const customerList = defineList({
  name: 'Customer',
  what: 'customers',
  table: customers,
  filter,
  order: {
    name: 'Customer',
    what: 'customers and contacts',
    keys: {
      CREATED_AT: timeKey('createdAt', 'When the customer was created.'),
      UPDATED_AT: timeOrKey(
        'updatedAt',
        'createdAt',
        'When a field was last changed; without a change, when the customer was created.',
      ),
      LAST_ACTIVITY_AT: activityOrder,
      NAME: nameOrder,
      CONVERSATION_COUNT: numberKey('conversationCount', 'The number of conversations.'),
      LTV: numberKey('ltvMinor', 'The lifetime value.'),
      FIRST_SALE_AT: timeOrNoneKey(
        'firstSaleAt',
        'When the first sale was made. Customers without a sale sort as the earliest.',
      ),
    },
  },
  first: ['CREATED_AT', 'DESC'],
  always: () => [visible],
});
