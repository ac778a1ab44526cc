import type { Caller } from '../../auth/caller.js';
import { raw, type Sql, sql, type Transaction } from '../../db/database.js';

/** The names in event data whose values are not personal. All others are treated as personal. */
const impersonal = [
  'amountMinor',
  'archivedAt',
  'assigneeId',
  'baseAmountMinor',
  'campaignId',
  'channelId',
  'class',
  'closedAt',
  'conversationCount',
  'conversationId',
  'currency',
  'customerId',
  'direction',
  'isInternal',
  'linkId',
  'ltvMinor',
  'mode',
  'occurredAt',
  'refundOfId',
  'salesCount',
  'sentiment',
  'source',
  'sourceId',
  'status',
  'targetId',
  'unreadCount',
];

export interface EventsOfPerson {
  /** Selects the ids of the entities of the person, all of whose events are blanked. */
  entities: Sql;
  /** Selects targetId and sourceId of merges. Events of the target about the merge of the source are blanked. */
  merges: Sql;
}

/**
 * Replaces the personal values in the data of events by null. The events keep their times, their entities and the names of
 * the changed fields. Returns how many events had values to replace.
 */
export function blankEvents(
  tx: Transaction,
  { workspaceId }: Caller,
  { entities, merges }: EventsOfPerson,
): Promise<number> {
  const masked = (data: Sql, field: Sql, personal: Sql) => sql`(
    SELECT COALESCE(jsonb_object_agg(${field}.key, CASE WHEN ${field}.key = ANY(${impersonal}::text[])
      THEN ${field}.value ELSE ${personal} END), '{}')
    FROM jsonb_each(${data}) AS ${field})`;
  const nothing = raw(`'null'::jsonb`);
  const inside = sql`CASE WHEN part.key IN ('before', 'after') AND jsonb_typeof(part.value) = 'object'
    THEN ${masked(raw('part.value'), raw('field'), nothing)} ELSE ${nothing} END`;
  const data = masked(raw('d."data"'), raw('part'), inside);
  return tx.$executeRaw(sql`UPDATE "DomainEvent" AS e SET "data" = blanked."masked"
    FROM (
      SELECT d."id", ${data} AS "masked"
      FROM (${entities}) AS entity("id") JOIN "DomainEvent" AS d ON d."entityId" = entity."id"
      WHERE d."workspaceId" = ${workspaceId}
      UNION ALL
      SELECT d."id", ${data}
      FROM (${merges}) AS merge("targetId", "sourceId") JOIN "DomainEvent" AS d
        ON d."entityId" = merge."targetId" AND d."data" ->> 'sourceId' = merge."sourceId"
      WHERE d."workspaceId" = ${workspaceId} AND d."type" LIKE 'customer.%merged'
    ) AS blanked
    WHERE e."workspaceId" = ${workspaceId} AND e."id" = blanked."id" AND e."data" <> blanked."masked"`);
}
