import { join, raw, type Sql, sql } from '../../db/database.js';
import {
  bigIntField,
  caselessField,
  enumField,
  flagField,
  intField,
  textField,
  textListField,
  timeField,
  wordsField,
} from '../../db/lists/fields.js';
import { type Comparator, compares, type FilterField, type FilterOf, plainText } from '../../db/lists/filter.js';
import { defineList, type ListArgumentsOf } from '../../db/lists/listing.js';
import { numberKey, timeKey, timeOrKey, timeOrNoneKey } from '../../db/lists/sort-keys.js';
import { customers } from '../../db/reading/tables.js';
import { badInput } from '../../errors.js';
import type { Customer } from '../../generated/prisma/client.js';
import { customerIdField } from './lookup/customer.lookup.js';

/** The sort key of the name. The "C" collation changes the case of ASCII letters only. */
const nameKey = raw(`lower(COALESCE(r."name", '') COLLATE "C")`);
const asciiLower = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Exactly the expression of the index on similar names. */
const nameAndEmail = raw(`"deskgraph_folded"(COALESCE(r."name", '') || ' ' || COALESCE(r."email", ''))`);

/**
 * The index on the joined name and address finds candidates. The second condition removes false ones: where the text
 * only matches across the two, or where another character is in the place of one that is special in LIKE.
 */
const nameOrEmail: FilterField<string> = {
  operand: 'TEXT',
  description: 'By any part of the name or of the e-mail address, regardless of case and accents.',
  condition: (value, path) => {
    const part = sql`"deskgraph_folded"(${plainText(value, path)})`;
    return sql`(${nameAndEmail} LIKE '%' || translate(${part}, '%' || chr(92), '__') || '%'
      AND (strpos("deskgraph_folded"(r."name"), ${part}) > 0 OR strpos("deskgraph_folded"(r."email"), ${part}) > 0))`;
  },
  isUneven: true,
};

/** Exactly the expression of the index on what integrations name customers by. */
const idAndPhone = raw(`"deskgraph_folded"(COALESCE(r."externalId", '') || ' ' || COALESCE(r."phone", ''))`);

const maxParts = 32;

/** Each part between blanks must be in one of the fields; a sign alone is in none. */
const identity: FilterField<string> = {
  operand: 'TEXT',
  description:
    'By parts of name, e-mail address, externalId and phone, between blanks: each must be in one of them, regardless of case and accents. Nothing has a part without letters and digits.',
  condition: (value, path) => {
    const parts = plainText(value, path)
      .split(/\s+/u)
      .filter((part) => part !== '');
    if (parts.length > maxParts) throw badInput(path, `A search has at most ${maxParts} words.`);
    if (parts.length === 0) return raw('true');
    const conditions = parts.map((part) => {
      if (!/[\p{L}\p{N}]/u.test(part)) return raw('false');
      const like = sql`'%' || replace(replace(replace("deskgraph_folded"(${part}), chr(92), chr(92) || chr(92)), '%', chr(92) || '%'), '_', chr(92) || '_') || '%'`;
      return sql`(${nameAndEmail} LIKE ${like} OR ${idAndPhone} LIKE ${like})`;
    });
    return sql`(${join(conditions, ' AND ')})`;
  },
  isUneven: true,
};

const exactName = compares<string>(raw('r."name"'), 'text', plainText);
const similarName = compares<string>(nameKey, 'text', asciiLower);

const name: FilterField<Comparator<string>> = {
  operand: 'String',
  description: 'By the exact name.',
  condition: (comparator, path, workspaceId) => {
    const exactly = exactName(comparator, path, workspaceId);
    const { eq, in: oneOf } = comparator;
    if (eq == null && oneOf == null) return exactly;
    // The index has names in lower case: it finds the few candidates, and the exact condition selects among them.
    const alike = similarName({ eq: eq ?? undefined, in: oneOf ?? undefined }, path, workspaceId);
    return sql`(${exactly} AND ${alike})`;
  },
};

const filter = {
  query: wordsField(
    'By words of name, e-mail address, externalId and phone: each word of the query must be the beginning of one of these words, regardless of case and accents. Not empty.',
  ),
  nameOrEmail,
  identity,
  id: customerIdField('id', 'By id; ids of contacts are accepted too.'),
  externalId: textField('externalId', "By the workspace's own id."),
  email: caselessField('email', 'By e-mail address, regardless of case.'),
  name,
  phone: textField('phone', 'By the phone number as it was given.'),
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
  description: 'The name, regardless of the case of ASCII letters. Customers without a name sort as an empty name.',
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

export type CustomerListArguments = ListArgumentsOf<typeof customerList>;
