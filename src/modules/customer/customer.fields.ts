import { raw, type Sql, sql } from '../../db/database.js';
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
import type { Customer } from '../../generated/prisma/client.js';
import { customerIdField } from './lookup/customer.lookup.js';

/** The name as the order by it has it. The "C" collation knows the lower case of ASCII letters only. */
const nameKey = raw(`lower(COALESCE(r."name", '') COLLATE "C")`);
const asciiLower = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Word for word what the index on similar names holds. */
const nameAndEmail = raw(`"deskgraph_folded"(COALESCE(r."name", '') || ' ' || COALESCE(r."email", ''))`);

/**
 * The index finds those who may have the text in the name or the address: some only have it where the two meet, or have
 * another character for one that LIKE does not take as it stands.
 */
const nameOrEmail: FilterField<string> = {
  operand: 'TEXT',
  description: 'By a part of the name or of the e-mail address, wherever it stands there, whatever case and accents.',
  condition: (value, path) => {
    const part = sql`"deskgraph_folded"(${plainText(value, path)})`;
    return sql`(${nameAndEmail} LIKE '%' || translate(${part}, '%' || chr(92), '__') || '%'
      AND (strpos("deskgraph_folded"(r."name"), ${part}) > 0 OR strpos("deskgraph_folded"(r."email"), ${part}) > 0))`;
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
    // The index on names knows them in lower case: it finds the few among which the exact one is.
    const alike = similarName({ eq: eq ?? undefined, in: oneOf ?? undefined }, path, workspaceId);
    return sql`(${exactly} AND ${alike})`;
  },
};

const filter = {
  query: wordsField(
    'By words of name, e-mail address, externalId and phone: each word of the query begins one of theirs, whatever case and accents. Not empty.',
  ),
  nameOrEmail,
  id: customerIdField('id', 'By id; contact ids serve as well.'),
  externalId: textField('externalId', "By the workspace's own id."),
  email: caselessField('email', 'By e-mail address, whatever the case.'),
  name,
  phone: textField('phone', 'By the phone number as it was given.'),
  status: enumField('status', 'CustomerStatus', 'By status.'),
  sentiment: enumField('sentiment', 'Sentiment', 'By mood.'),
  source: enumField('source', 'CustomerSource', 'By how the customer came in.'),
  tags: textListField('tags', 'By tags.'),
  isArchived: flagField(raw('r."archivedAt" IS NOT NULL'), 'True for archived contacts, false for the others.'),
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
  description: 'Their name, whatever the case of ASCII letters; those without one come as the empty name.',
  expression: nameKey,
  type: 'text',
  columns: ['name'],
  of: (customer: Pick<Customer, 'name'>) => asciiLower(customer.name ?? ''),
} as const;

const activityOrder = timeOrKey(
  'lastMessageAt',
  'createdAt',
  'When their latest message was sent, or they were created when there is none.',
);

/** When the latest message was sent, or the customer was created: what the index on activity holds. */
export const lastActivity = activityOrder.expression;

/** Word for word the predicate of the customers' indexes, so that the planner recognises it. */
export const visible: Sql = raw('r."deletedAt" IS NULL AND r."mergedIntoId" IS NULL');

/** The workspace's customers that are neither deleted nor merged into another, newest first unless said otherwise. */
export const customerList = defineList({
  name: 'Customer',
  what: 'customers',
  table: customers,
  filter,
  order: {
    name: 'Customer',
    what: 'customers and contacts',
    keys: {
      CREATED_AT: timeKey('createdAt', 'When they were created.'),
      UPDATED_AT: timeOrKey(
        'updatedAt',
        'createdAt',
        'When a field was last changed, or they were created when none ever was.',
      ),
      LAST_ACTIVITY_AT: activityOrder,
      NAME: nameOrder,
      CONVERSATION_COUNT: numberKey('conversationCount', 'How many conversations they have.'),
      LTV: numberKey('ltvMinor', 'Their lifetime value.'),
      FIRST_SALE_AT: timeOrNoneKey(
        'firstSaleAt',
        'When their first sale was; those without one come as before all others.',
      ),
    },
  },
  first: ['CREATED_AT', 'DESC'],
  always: () => [visible],
});

export type CustomerListArguments = ListArgumentsOf<typeof customerList>;
