import { raw, type Sql, sql } from '../../db/database.js';
import {
  type Combinable,
  type Comparator,
  compares,
  comparesList,
  conditionsOf,
  type FieldConditions,
  holds,
  mentions,
  type Path,
  plainText,
  type TextListComparator,
} from '../../db/filter.js';
import { beforeAllTimes, type Listing, ofWorkspace, pageRequest, type SortKey } from '../../db/keyset.js';
import type { ListArguments } from '../../db/listing.js';
import { matchesQuery } from '../../db/search.js';
import { customers } from '../../db/tables.js';
import type { Customer, CustomerSource, CustomerStatus, Sentiment } from '../../generated/prisma/client.js';
import { namesCustomer } from './customer.naming.js';

export interface CustomerFilter extends Combinable<CustomerFilter> {
  query?: string | null | undefined;
  nameOrEmail?: string | null | undefined;
  id?: Comparator<string> | null | undefined;
  externalId?: Comparator<string> | null | undefined;
  email?: Comparator<string> | null | undefined;
  name?: Comparator<string> | null | undefined;
  phone?: Comparator<string> | null | undefined;
  status?: Comparator<CustomerStatus> | null | undefined;
  sentiment?: Comparator<Sentiment> | null | undefined;
  source?: Comparator<CustomerSource> | null | undefined;
  tags?: TextListComparator | null | undefined;
  isArchived?: boolean | null | undefined;
  conversationCount?: Comparator<number> | null | undefined;
  ltvMinor?: Comparator<bigint | number> | null | undefined;
  salesCount?: Comparator<number> | null | undefined;
  firstSaleAt?: Comparator<Date> | null | undefined;
  createdAt?: Comparator<Date> | null | undefined;
  updatedAt?: Comparator<Date> | null | undefined;
  lastMessageAt?: Comparator<Date> | null | undefined;
}

/** The name as the order by it has it. The "C" collation knows the lower case of ASCII letters only. */
const nameKey = raw(`lower(COALESCE(r."name", '') COLLATE "C")`);
const asciiLower = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Word for word what the index on similar names holds. */
const nameAndEmail = raw(`"deskgraph_folded"(COALESCE(r."name", '') || ' ' || COALESCE(r."email", ''))`);

/**
 * The index finds those who may have the text in the name or the address: some only have it where the two meet, or have
 * another character for one that LIKE does not take as it stands.
 */
function hasInNameOrEmail(value: string, path: Path): Sql {
  const part = sql`"deskgraph_folded"(${plainText(value, path)})`;
  return sql`(${nameAndEmail} LIKE '%' || translate(${part}, '%' || chr(92), '__') || '%'
    AND (strpos("deskgraph_folded"(r."name"), ${part}) > 0 OR strpos("deskgraph_folded"(r."email"), ${part}) > 0))`;
}

const conditions: Omit<FieldConditions<CustomerFilter>, 'id'> = {
  query: matchesQuery,
  nameOrEmail: hasInNameOrEmail,
  externalId: compares(raw('r."externalId"'), 'text', plainText),
  email: compares(raw('lower(r."email")'), 'text', (value, path) => plainText(value, path).toLowerCase()),
  name: (comparator, path) => {
    const exactly = compares<string>(raw('r."name"'), 'text', plainText)(comparator, path);
    const { eq, in: oneOf } = comparator;
    if (eq == null && oneOf == null) return exactly;
    // The index on names knows them in lower case: it finds the few among which the exact one is.
    const alike = compares<string>(nameKey, 'text', asciiLower)({ eq: eq ?? undefined, in: oneOf ?? undefined }, path);
    return sql`(${exactly} AND ${alike})`;
  },
  phone: compares(raw('r."phone"'), 'text', plainText),
  status: compares(raw('r."status"'), '"CustomerStatus"'),
  sentiment: compares(raw('r."sentiment"'), '"Sentiment"'),
  source: compares(raw('r."source"'), '"CustomerSource"'),
  tags: comparesList(raw('r."tags"')),
  isArchived: holds(raw('r."archivedAt" IS NOT NULL')),
  conversationCount: compares(raw('r."conversationCount"'), 'int'),
  ltvMinor: compares(raw('r."ltvMinor"'), 'bigint'),
  salesCount: compares(raw('r."salesCount"'), 'int'),
  firstSaleAt: compares(raw('r."firstSaleAt"'), 'timestamptz'),
  createdAt: compares(raw('r."createdAt"'), 'timestamptz'),
  updatedAt: compares(raw('r."updatedAt"'), 'timestamptz'),
  lastMessageAt: compares(raw('r."lastMessageAt"'), 'timestamptz'),
};

const conditionsIn = (workspaceId: string): FieldConditions<CustomerFilter> => {
  return { id: namesCustomer(raw('r."id"'), workspaceId), ...conditions };
};

export type CustomerOrderField =
  | 'CREATED_AT'
  | 'UPDATED_AT'
  | 'LAST_ACTIVITY_AT'
  | 'NAME'
  | 'CONVERSATION_COUNT'
  | 'LTV'
  | 'FIRST_SALE_AT';

/** When the latest message was sent, or the customer was created: what the index on activity holds. */
export const lastActivity = raw('COALESCE(r."lastMessageAt", r."createdAt")');

const sortKeys: Record<CustomerOrderField, SortKey<Customer>> = {
  CREATED_AT: {
    expression: raw('r."createdAt"'),
    type: 'timestamptz',
    columns: ['createdAt'],
    of: (customer) => customer.createdAt.toISOString(),
  },
  UPDATED_AT: {
    expression: raw('COALESCE(r."updatedAt", r."createdAt")'),
    type: 'timestamptz',
    columns: ['updatedAt', 'createdAt'],
    of: (customer) => (customer.updatedAt ?? customer.createdAt).toISOString(),
  },
  LAST_ACTIVITY_AT: {
    expression: lastActivity,
    type: 'timestamptz',
    columns: ['lastMessageAt', 'createdAt'],
    of: (customer) => (customer.lastMessageAt ?? customer.createdAt).toISOString(),
  },
  NAME: {
    expression: nameKey,
    type: 'text',
    columns: ['name'],
    of: (customer) => asciiLower(customer.name ?? ''),
  },
  CONVERSATION_COUNT: {
    expression: raw('r."conversationCount"'),
    type: 'int8',
    columns: ['conversationCount'],
    of: (customer) => String(customer.conversationCount),
  },
  LTV: {
    expression: raw('r."ltvMinor"'),
    type: 'int8',
    columns: ['ltvMinor'],
    of: (customer) => String(customer.ltvMinor),
  },
  FIRST_SALE_AT: {
    expression: raw(`COALESCE(r."firstSaleAt", '-infinity')`),
    type: 'timestamptz',
    columns: ['firstSaleAt'],
    of: (customer) => customer.firstSaleAt?.toISOString() ?? beforeAllTimes,
  },
};

export type CustomerListArguments = ListArguments<CustomerFilter, CustomerOrderField>;

/** Word for word the predicate of the customers' indexes, so that the planner recognises it. */
export const visible = raw('r."deletedAt" IS NULL AND r."mergedIntoId" IS NULL');

/** What the customers of a filter meet. */
export const customerMatch = (workspaceId: string, filter: CustomerFilter): Sql[] =>
  conditionsOf(filter, conditionsIn(workspaceId));

/** What some customers have in common with few others, and some with many. */
const unevenly = ['query', 'nameOrEmail', 'tags'] as const;

/** The workspace's customers that are neither deleted nor merged into another, newest first unless said otherwise. */
export function customerListing(workspaceId: string, args: CustomerListArguments): Listing<Customer> {
  const { field, direction } = args.orderBy ?? { field: 'CREATED_AT', direction: 'DESC' };
  const ordering = { name: `Customer.${field}`, key: sortKeys[field], direction };
  return {
    table: customers,
    where: [ofWorkspace(workspaceId), visible, ...customerMatch(workspaceId, args.filter ?? {})],
    ordering,
    page: pageRequest(args, ordering),
    columns: args.select?.columns,
    planned: unevenly.some((field) => mentions(args.filter, field)) ? 'anew' : 'once',
  };
}

/** What can be asked of contacts: the part of a customer that the inbox shows. */
export interface ContactFilter
  extends Combinable<ContactFilter>,
    Pick<
      CustomerFilter,
      | 'query'
      | 'nameOrEmail'
      | 'id'
      | 'email'
      | 'name'
      | 'phone'
      | 'source'
      | 'tags'
      | 'isArchived'
      | 'conversationCount'
      | 'createdAt'
      | 'updatedAt'
      | 'lastMessageAt'
    > {}

export type ContactListArguments = ListArguments<ContactFilter, CustomerOrderField>;

/**
 * The workspace's contacts, the one with the latest activity first unless said otherwise. Archived ones are left out
 * unless the filter speaks of them.
 */
export function contactListing(workspaceId: string, args: ContactListArguments): Listing<Customer> {
  const listing = customerListing(workspaceId, {
    ...args,
    orderBy: args.orderBy ?? { field: 'LAST_ACTIVITY_AT', direction: 'DESC' },
  });
  if (mentions(args.filter, 'isArchived')) return listing;
  return { ...listing, where: [...listing.where, raw('r."archivedAt" IS NULL')] };
}
