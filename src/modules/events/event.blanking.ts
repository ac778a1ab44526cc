import type { Caller } from '../../auth/caller.js';
import { opaque, raw, type Sql, sql, type Transaction } from '../../db/database.js';

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
  'payoutMinor',
  'priority',
  'refundOfId',
  'salesCount',
  'sentiment',
  'snoozedUntil',
  'source',
  'sourceId',
  'status',
  'targetId',
  'unreadCount',
  'uuid',
];

/** The number of rows from which personal data was removed. */
export interface Blanked {
  events: number;
  attempts: number;
}

/**
 * Replaces the personal values in the data of all events of these entities by null, and removes the responses of
 * webhook endpoints to these events. The events keep their times, their entities and the names of the changed fields.
 * Pending deliveries are marked, so that later responses to them are not stored either.
 */
export async function blankEvents(
  tx: Transaction,
  { workspaceId }: Caller,
  entityIds: readonly string[],
): Promise<Blanked> {
  const own = sql`e."workspaceId" = ${workspaceId} AND e."entityId" = ANY(${opaque(entityIds)}::text[])`;
  return blank(tx, workspaceId, own);
}

/** Does the same for the merge and unmerge events of other customers that have these sources. */
export async function blankMerges(
  tx: Transaction,
  { workspaceId }: Caller,
  merges: readonly { sourceId: string; targetId: string }[],
): Promise<Blanked> {
  if (merges.length === 0) return { events: 0, attempts: 0 };
  const sourceIds = merges.map(({ sourceId }) => sourceId);
  const targetIds = merges.map(({ targetId }) => targetId);
  const own = sql`e."workspaceId" = ${workspaceId} AND e."type" LIKE 'customer.%merged'
    AND (e."entityId", e."data" ->> 'sourceId') IN (SELECT * FROM unnest(${targetIds}::text[], ${sourceIds}::text[]))`;
  return blank(tx, workspaceId, own);
}

async function blank(tx: Transaction, workspaceId: string, own: Sql): Promise<Blanked> {
  // A delivery has a foreign key to its event. So a transaction that creates a delivery has either committed before
  // this lock, or will read the blanked event.
  await tx.$executeRaw(sql`SELECT count(*) FROM (
    SELECT 1 FROM "DomainEvent" AS e WHERE ${own} ORDER BY e."seq" FOR UPDATE) AS locked`);
  const masked = (data: Sql, field: Sql, personal: Sql) => sql`(
    SELECT COALESCE(jsonb_object_agg(${field}.key, CASE WHEN ${field}.key = ANY(${impersonal}::text[])
      THEN ${field}.value ELSE ${personal} END), '{}')
    FROM jsonb_each(${data}) AS ${field})`;
  const nothing = raw(`'null'::jsonb`);
  const inside = sql`CASE WHEN part.key IN ('before', 'after') AND jsonb_typeof(part.value) = 'object'
    THEN ${masked(raw('part.value'), raw('field'), nothing)} ELSE ${nothing} END`;
  const events = await tx.$executeRaw(sql`UPDATE "DomainEvent" AS e SET "data" = blanked."masked"
    FROM (
      SELECT e."id", ${masked(raw('e."data"'), raw('part'), inside)} AS "masked" FROM "DomainEvent" AS e WHERE ${own}
    ) AS blanked
    WHERE e."workspaceId" = ${workspaceId} AND e."id" = blanked."id" AND e."data" <> blanked."masked"`);
  const attempts = await forgetAnswers(tx, workspaceId, sql`SELECT e."id" FROM "DomainEvent" AS e WHERE ${own}`);
  return { events, attempts };
}

/**
 * Removes the responses of webhook endpoints to events of these entities, or to the events with these ids, because a
 * response may repeat what it was sent. Returns how many were removed.
 */
export const forgetAnswersAbout = (tx: Transaction, workspaceId: string, ids: readonly string[]): Promise<number> =>
  forgetAnswers(
    tx,
    workspaceId,
    sql`SELECT e."id" FROM "DomainEvent" AS e WHERE e."workspaceId" = ${workspaceId} AND e."entityId" = ANY(${ids}::text[])
      UNION ALL SELECT unnest(${ids}::text[])`,
  );

async function forgetAnswers(tx: Transaction, workspaceId: string, told: Sql): Promise<number> {
  await tx.$executeRaw(sql`UPDATE "WebhookDelivery" SET "erased" = true
    WHERE "workspaceId" = ${workspaceId} AND NOT "erased" AND "eventId" IN (${told})`);
  return tx.$executeRaw(sql`UPDATE "WebhookAttempt" SET "responseExcerpt" = ''
    WHERE "workspaceId" = ${workspaceId} AND "responseExcerpt" <> '' AND "deliveryId" IN (
      SELECT "id" FROM "WebhookDelivery" WHERE "workspaceId" = ${workspaceId} AND "eventId" IN (${told}))`);
}
