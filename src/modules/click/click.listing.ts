import { raw } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import {
  type Combinable,
  type Comparator,
  compares,
  conditionsOf,
  type FieldConditions,
  plainText,
} from '../../db/reading/filter.js';
import type { Listing } from '../../db/reading/keyset.js';
import { byTime, type ListArguments, listingOf } from '../../db/reading/listing.js';
import { clicks } from '../../db/reading/tables.js';
import type { Click } from '../../generated/prisma/client.js';
import { namesCustomer } from '../customer/lookup/customer.lookup.js';

export interface ClickFilter extends Combinable<ClickFilter> {
  id?: Comparator<string> | null | undefined;
  clickId?: Comparator<string> | null | undefined;
  customerId?: Comparator<string> | null | undefined;
  linkId?: Comparator<string> | null | undefined;
  campaignId?: Comparator<string> | null | undefined;
  source?: Comparator<string> | null | undefined;
  occurredAt?: Comparator<Date> | null | undefined;
}

const conditions: Omit<FieldConditions<ClickFilter>, 'customerId'> = {
  id: compares(raw('r."id"'), 'text', (value, path) => readId('Click', value, path)),
  clickId: compares(raw('r."clickId"'), 'text', plainText),
  linkId: compares(raw('r."linkId"'), 'text', (value, path) => readId('Link', value, path)),
  campaignId: compares(raw('r."campaignId"'), 'text', (value, path) => readId('Campaign', value, path)),
  source: compares(raw('r."source"'), 'text', plainText),
  occurredAt: compares(raw('r."occurredAt"'), 'timestamptz'),
};

export type ClickOrderField = 'OCCURRED_AT';
export type ClickListArguments = ListArguments<ClickFilter, ClickOrderField>;

/** The workspace's clicks, the latest first unless said otherwise. */
export function clickListing(workspaceId: string, args: ClickListArguments): Listing<Click> {
  const fields = { ...conditions, customerId: namesCustomer(raw('r."customerId"'), workspaceId) };
  return listingOf(clicks, workspaceId, args, {
    conditions: conditionsOf(args.filter ?? {}, fields),
    ordering: byTime('Click', 'occurredAt', args.orderBy?.direction ?? 'DESC'),
  });
}
