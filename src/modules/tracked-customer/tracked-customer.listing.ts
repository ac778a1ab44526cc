import { raw } from '../../db/database.js';
import type { Combinable } from '../../db/reading/filter.js';
import type { Listing } from '../../db/reading/keyset.js';
import type { ListArguments } from '../../db/reading/listing.js';
import type { Customer } from '../../generated/prisma/client.js';
import { type CustomerFilter, type CustomerOrderField, customerListing } from '../customer/customer.listing.js';

/** What can be asked of tracked customers: nothing that tells of their conversations. */
export interface TrackedCustomerFilter
  extends Combinable<TrackedCustomerFilter>,
    Pick<
      CustomerFilter,
      'query' | 'id' | 'externalId' | 'email' | 'ltvMinor' | 'salesCount' | 'firstSaleAt' | 'createdAt' | 'updatedAt'
    > {}

export type TrackedCustomerOrderField = Extract<
  CustomerOrderField,
  'CREATED_AT' | 'UPDATED_AT' | 'NAME' | 'LTV' | 'FIRST_SALE_AT'
>;

export type TrackedCustomerListArguments = ListArguments<TrackedCustomerFilter, TrackedCustomerOrderField>;

/** The workspace's customers who have an externalId, the newest first unless said otherwise. */
export function trackedCustomerListing(workspaceId: string, args: TrackedCustomerListArguments): Listing<Customer> {
  const listing = customerListing(workspaceId, args);
  return { ...listing, where: [...listing.where, raw('r."externalId" IS NOT NULL')] };
}
