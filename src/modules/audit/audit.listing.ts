import { raw } from '../../db/database.js';
import { readNodeId } from '../../db/global-id.js';
import {
  type Combinable,
  type Comparator,
  compares,
  conditionsOf,
  type FieldConditions,
  type Path,
  plainText,
} from '../../db/reading/filter.js';
import type { Listing } from '../../db/reading/keyset.js';
import { byTime, type ListArguments, listingOf } from '../../db/reading/listing.js';
import { events } from '../../db/reading/tables.js';
import type { DomainEvent } from '../../generated/prisma/client.js';

export interface AuditFilter extends Combinable<AuditFilter> {
  type?: Comparator<string> | null | undefined;
  entityId?: Comparator<string> | null | undefined;
  actorId?: Comparator<string> | null | undefined;
  occurredAt?: Comparator<Date> | null | undefined;
}

const conditions: FieldConditions<AuditFilter> = {
  type: compares(raw('r."type"'), 'text', plainText),
  entityId: compares(raw('r."entityId"'), 'text', anyId),
  actorId: compares(raw('r."actorId"'), 'text', anyId),
  occurredAt: compares(raw('r."occurredAt"'), 'timestamptz'),
};

/** A global id, or the plain id of anything, also of what is no node, such as a key. */
function anyId(value: string, path: Path): string {
  return /^[a-z]{3}_[A-Za-z0-9_-]{1,120}$/.test(value) ? value : readNodeId(value, path).id;
}

export type AuditOrderField = 'OCCURRED_AT';
export type AuditListArguments = ListArguments<AuditFilter, AuditOrderField>;

/** The workspace's events, the latest first unless said otherwise. */
export const auditListing = (workspaceId: string, args: AuditListArguments): Listing<DomainEvent> =>
  listingOf(events, workspaceId, args, {
    conditions: conditionsOf(args.filter ?? {}, conditions),
    ordering: byTime('DomainEvent', 'occurredAt', args.orderBy?.direction ?? 'DESC'),
  });
