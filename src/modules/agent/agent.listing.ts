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
import { agents } from '../../db/reading/tables.js';
import type { Agent } from '../../generated/prisma/client.js';

export interface AgentFilter extends Combinable<AgentFilter> {
  id?: Comparator<string> | null | undefined;
  name?: Comparator<string> | null | undefined;
  email?: Comparator<string> | null | undefined;
  isActive?: boolean | null | undefined;
}

const conditions: FieldConditions<AgentFilter> = {
  id: compares(raw('r."id"'), 'text', (value, path) => readId('Agent', value, path)),
  name: compares(raw('r."name"'), 'text', plainText),
  email: compares(raw('lower(r."email")'), 'text', (value, path) => plainText(value, path).toLowerCase()),
  isActive: holds(raw('r."deactivatedAt" IS NULL')),
};

export type AgentOrderField = 'CREATED_AT';
export type AgentListArguments = ListArguments<AgentFilter, AgentOrderField>;

/** The workspace's agents, the oldest first unless said otherwise. */
export const agentListing = (workspaceId: string, args: AgentListArguments): Listing<Agent> =>
  listingOf(agents, workspaceId, args, {
    conditions: conditionsOf(args.filter ?? {}, conditions),
    ordering: byTime('Agent', 'createdAt', args.orderBy?.direction ?? 'ASC'),
  });
