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
import { campaigns } from '../../db/reading/tables.js';
import type { Campaign } from '../../generated/prisma/client.js';

export interface CampaignFilter extends Combinable<CampaignFilter> {
  id?: Comparator<string> | null | undefined;
  name?: Comparator<string> | null | undefined;
  createdAt?: Comparator<Date> | null | undefined;
}

const conditions: FieldConditions<CampaignFilter> = {
  id: compares(raw('r."id"'), 'text', (value, path) => readId('Campaign', value, path)),
  name: compares(raw('r."name"'), 'text', plainText),
  createdAt: compares(raw('r."createdAt"'), 'timestamptz'),
};

export type CampaignOrderField = 'CREATED_AT';
export type CampaignListArguments = ListArguments<CampaignFilter, CampaignOrderField>;

/** The workspace's campaigns, the newest first unless said otherwise. */
export const campaignListing = (workspaceId: string, args: CampaignListArguments): Listing<Campaign> =>
  listingOf(campaigns, workspaceId, args, {
    conditions: conditionsOf(args.filter ?? {}, conditions),
    ordering: byTime('Campaign', 'createdAt', args.orderBy?.direction ?? 'DESC'),
  });
