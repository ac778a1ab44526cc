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
import { channels } from '../../db/reading/tables.js';
import type { Channel, ChannelKind } from '../../generated/prisma/client.js';

export interface ChannelFilter extends Combinable<ChannelFilter> {
  id?: Comparator<string> | null | undefined;
  name?: Comparator<string> | null | undefined;
  kind?: Comparator<ChannelKind> | null | undefined;
}

const conditions: FieldConditions<ChannelFilter> = {
  id: compares(raw('r."id"'), 'text', (value, path) => readId('Channel', value, path)),
  name: compares(raw('r."name"'), 'text', plainText),
  kind: compares(raw('r."kind"'), '"ChannelKind"'),
};

export type ChannelOrderField = 'CREATED_AT';
export type ChannelListArguments = ListArguments<ChannelFilter, ChannelOrderField>;

/** The workspace's channels, the oldest first unless said otherwise. */
export const channelListing = (workspaceId: string, args: ChannelListArguments): Listing<Channel> =>
  listingOf(channels, workspaceId, args, {
    conditions: conditionsOf(args.filter ?? {}, conditions),
    ordering: byTime('Channel', 'createdAt', args.orderBy?.direction ?? 'ASC'),
  });
