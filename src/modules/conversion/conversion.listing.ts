import { raw } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import {
  type Combinable,
  type Comparator,
  compares,
  conditionsOf,
  type FieldConditions,
  holds,
  plainText,
} from '../../db/reading/filter.js';
import type { Listing } from '../../db/reading/keyset.js';
import { byTime, type ListArguments, listingOf } from '../../db/reading/listing.js';
import { conversions } from '../../db/reading/tables.js';
import type { Conversion, ConversionClass, ConversionStatus } from '../../generated/prisma/client.js';
import { namesCustomer } from '../customer/lookup/customer.lookup.js';

export interface ConversionFilter extends Combinable<ConversionFilter> {
  id?: Comparator<string> | null | undefined;
  customerId?: Comparator<string> | null | undefined;
  class?: Comparator<ConversionClass> | null | undefined;
  status?: Comparator<ConversionStatus> | null | undefined;
  orderId?: Comparator<string> | null | undefined;
  isRefund?: boolean | null | undefined;
  amountMinor?: Comparator<bigint | number> | null | undefined;
  occurredAt?: Comparator<Date> | null | undefined;
}

const conditions: Omit<FieldConditions<ConversionFilter>, 'customerId'> = {
  id: compares(raw('r."id"'), 'text', (value, path) => readId('Conversion', value, path)),
  class: compares(raw('r."class"'), '"ConversionClass"'),
  status: compares(raw('r."status"'), '"ConversionStatus"'),
  orderId: compares(raw('r."orderId"'), 'text', plainText),
  isRefund: holds(raw('r."refundOfId" IS NOT NULL')),
  amountMinor: compares(raw('r."baseAmountMinor"'), 'bigint'),
  occurredAt: compares(raw('r."occurredAt"'), 'timestamptz'),
};

export type ConversionOrderField = 'OCCURRED_AT';
export type ConversionListArguments = ListArguments<ConversionFilter, ConversionOrderField>;

/** The workspace's conversions, refunds too, the latest first unless said otherwise. */
export function conversionListing(workspaceId: string, args: ConversionListArguments): Listing<Conversion> {
  const fields = { ...conditions, customerId: namesCustomer(raw('r."customerId"'), workspaceId) };
  return listingOf(conversions, workspaceId, args, {
    conditions: conditionsOf(args.filter ?? {}, fields),
    ordering: byTime('Conversion', 'occurredAt', args.orderBy?.direction ?? 'DESC'),
  });
}
