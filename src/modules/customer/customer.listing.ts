import { raw, sql } from '../../db/database.js';
import {
  type Combinable,
  type Comparator,
  compares,
  comparesList,
  conditionsOf,
  type FieldConditions,
  holds,
  mentions,
  plainText,
  type TextListComparator,
} from '../../db/filter.js';
import { type Listing, pageRequest, type SortKey } from '../../db/keyset.js';
import type { ListArguments } from '../../db/listing.js';
import { customers } from '../../db/tables.js';
import type { Customer, CustomerSource, CustomerStatus, Sentiment } from '../../generated/prisma/client.js';
import { namesCustomer } from './customer.naming.js';

export interface CustomerFilter extends Combinable<CustomerFilter> {
  id?: Comparator<string> | null | undefined;
  externalId?: Comparator<string> | null | undefined;
  email?: Comparator<string> | null | undefined;
  name?: Comparator<string> | null | undefined;
  status?: Comparator<CustomerStatus> | null | undefined;
  sentiment?: Comparator<Sentiment> | null | undefined;
  source?: Comparator<CustomerSource> | null | undefined;
  tags?: TextListComparator | null | undefined;
  isArchived?: boolean | null | undefined;
  conversationCount?: Comparator<number> | null | undefined;
  ltvMinor?: Comparator<bigint | number> | null | undefined;
  createdAt?: Comparator<Date> | null | undefined;
  updatedAt?: Comparator<Date> | null | undefined;
  lastMessageAt?: Comparator<Date> | null | undefined;
}

const conditions: Omit<FieldConditions<CustomerFilter>, 'id'> = {
  externalId: compares(raw('r."externalId"'), 'text', plainText),
  email: compares(raw('lower(r."email")'), 'text', (value, path) => plainText(value, path).toLowerCase()),
  name: compares(raw('r."name"'), 'text', plainText),
  status: compares(raw('r."status"'), '"CustomerStatus"'),
  sentiment: compares(raw('r."sentiment"'), '"Sentiment"'),
  source: compares(raw('r."source"'), '"CustomerSource"'),
  tags: comparesList(raw('r."tags"')),
  isArchived: holds(raw('r."archivedAt" IS NOT NULL')),
  conversationCount: compares(raw('r."conversationCount"'), 'int'),
  ltvMinor: compares(raw('r."ltvMinor"'), 'bigint'),
  createdAt: compares(raw('r."createdAt"'), 'timestamptz'),
  updatedAt: compares(raw('r."updatedAt"'), 'timestamptz'),
  lastMessageAt: compares(raw('r."lastMessageAt"'), 'timestamptz'),
};

const conditionsIn = (workspaceId: string): FieldConditions<CustomerFilter> => {
  return { id: namesCustomer(raw('r."id"'), workspaceId), ...conditions };
};

export type CustomerOrderField = 'CREATED_AT' | 'LAST_ACTIVITY_AT' | 'NAME' | 'LTV';

const sortKeys: Record<CustomerOrderField, SortKey<Customer>> = {
  CREATED_AT: {
    expression: raw('r."createdAt"'),
    type: 'timestamptz',
    columns: ['createdAt'],
    of: (customer) => customer.createdAt.toISOString(),
  },
  LAST_ACTIVITY_AT: {
    expression: raw('COALESCE(r."lastMessageAt", r."createdAt")'),
    type: 'timestamptz',
    columns: ['lastMessageAt', 'createdAt'],
    of: (customer) => (customer.lastMessageAt ?? customer.createdAt).toISOString(),
  },
  NAME: {
    expression: raw(`lower(COALESCE(r."name", '') COLLATE "C")`),
    type: 'text',
    columns: ['name'],
    // The "C" collation knows the lower case of ASCII letters only.
    of: (customer) => (customer.name ?? '').replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
  },
  LTV: {
    expression: raw('r."ltvMinor"'),
    type: 'int8',
    columns: ['ltvMinor'],
    of: (customer) => String(customer.ltvMinor),
  },
};

export type CustomerListArguments = ListArguments<CustomerFilter, CustomerOrderField>;

/** The workspace's customers that are neither deleted nor merged into another, newest first unless said otherwise. */
export function customerListing(workspaceId: string, args: CustomerListArguments): Listing<Customer> {
  const { field, direction } = args.orderBy ?? { field: 'CREATED_AT', direction: 'DESC' };
  const ordering = { name: `Customer.${field}`, key: sortKeys[field], direction };
  return {
    table: customers,
    where: [
      sql`r."workspaceId" = ${workspaceId}`,
      raw('r."deletedAt" IS NULL AND r."mergedIntoId" IS NULL'),
      ...conditionsOf(args.filter ?? {}, conditionsIn(workspaceId)),
    ],
    ordering,
    page: pageRequest(args, ordering),
    columns: args.select?.columns,
  };
}

/** What can be asked of contacts: the part of a customer that the inbox shows. */
export interface ContactFilter
  extends Combinable<ContactFilter>,
    Pick<
      CustomerFilter,
      'id' | 'email' | 'name' | 'source' | 'tags' | 'isArchived' | 'conversationCount' | 'createdAt' | 'lastMessageAt'
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
