import { raw, sql } from '../../db/database.js';
import {
  type Combinable,
  type Comparator,
  compares,
  conditionsOf,
  type FieldConditions,
  plainText,
} from '../../db/filter.js';
import { readId } from '../../db/global-id.js';
import { type Listing, pageRequest } from '../../db/keyset.js';
import type { ListArguments } from '../../db/listing.js';
import { channels } from '../../db/tables.js';
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
export function channelListing(workspaceId: string, args: ChannelListArguments): Listing<Channel> {
  const ordering = {
    name: 'Channel.CREATED_AT',
    key: {
      expression: raw('r."createdAt"'),
      type: 'timestamptz' as const,
      columns: ['createdAt'],
      of: (channel: Channel) => channel.createdAt.toISOString(),
    },
    direction: args.orderBy?.direction ?? ('ASC' as const),
  };
  return {
    table: channels,
    where: [sql`r."workspaceId" = ${workspaceId}`, ...conditionsOf(args.filter ?? {}, conditions)],
    ordering,
    page: pageRequest(args, ordering),
    columns: args.select?.columns,
  };
}
