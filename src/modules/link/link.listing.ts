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
import { links } from '../../db/reading/tables.js';
import type { Link } from '../../generated/prisma/client.js';

export interface LinkFilter extends Combinable<LinkFilter> {
  id?: Comparator<string> | null | undefined;
  name?: Comparator<string> | null | undefined;
  campaignId?: Comparator<string> | null | undefined;
  createdAt?: Comparator<Date> | null | undefined;
}

const conditions: FieldConditions<LinkFilter> = {
  id: compares(raw('r."id"'), 'text', (value, path) => readId('Link', value, path)),
  name: compares(raw('r."name"'), 'text', plainText),
  campaignId: compares(raw('r."campaignId"'), 'text', (value, path) => readId('Campaign', value, path)),
  createdAt: compares(raw('r."createdAt"'), 'timestamptz'),
};

export type LinkOrderField = 'CREATED_AT';
export type LinkListArguments = ListArguments<LinkFilter, LinkOrderField>;

/** The workspace's links that were not deleted, the newest first unless said otherwise. */
export const linkListing = (workspaceId: string, args: LinkListArguments): Listing<Link> =>
  listingOf(links, workspaceId, args, {
    conditions: [raw('r."deletedAt" IS NULL'), ...conditionsOf(args.filter ?? {}, conditions)],
    ordering: byTime('Link', 'createdAt', args.orderBy?.direction ?? 'DESC'),
  });
