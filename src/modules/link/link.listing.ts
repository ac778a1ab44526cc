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
import { links } from '../../db/tables.js';
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
export function linkListing(workspaceId: string, args: LinkListArguments): Listing<Link> {
  const ordering = {
    name: 'Link.CREATED_AT',
    key: {
      expression: raw('r."createdAt"'),
      type: 'timestamptz' as const,
      columns: ['createdAt'],
      of: (link: Link) => link.createdAt.toISOString(),
    },
    direction: args.orderBy?.direction ?? ('DESC' as const),
  };
  return {
    table: links,
    where: [
      sql`r."workspaceId" = ${workspaceId}`,
      raw('r."deletedAt" IS NULL'),
      ...conditionsOf(args.filter ?? {}, conditions),
    ],
    ordering,
    page: pageRequest(args, ordering),
    columns: args.select?.columns,
  };
}
