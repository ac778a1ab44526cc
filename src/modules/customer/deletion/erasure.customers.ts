import { isDeepStrictEqual } from 'node:util';
import { opaque, sql, type Transaction } from '../../../db/database.js';
import { blankEvents, blankMerges } from '../../events/event.blanking.js';
import { eraseAnswersAbout } from '../../idempotency/idempotency.erasure.js';
import { unnamed } from './erasure.messages.js';
import { type Batch, done, type Person, type Place } from './erasure.steps.js';

/** The rows of the customers other than their conversations. */

interface ClickRow {
  id: string;
  clickId: string;
  source: string;
  utmSource: string | null;
  utmMedium: string | null;
  utmCampaign: string | null;
}

/** PURGE removes the clicks. SCRUB removes their URLs and masks the person's names in them. */
export async function eraseClicks(
  tx: Transaction,
  { caller, customerIds: [customerId], mode, own }: Person,
  after: Place | null,
  limit: number,
): Promise<Batch> {
  const { workspaceId } = caller;
  const rows = await tx.$queryRaw<ClickRow[]>(sql`
    SELECT "id", "clickId", "source", "utmSource", "utmMedium", "utmCampaign" FROM "Click"
    WHERE "workspaceId" = ${workspaceId} AND "customerId" = ${customerId} AND "id" > ${after?.id ?? ''}
    ORDER BY "id" LIMIT ${limit} FOR UPDATE`);
  const last = rows.at(-1);
  if (!last) return done({});
  const ids = rows.map(({ id }) => id);
  const { events, attempts } = await blankEvents(tx, caller, ids);
  if (mode === 'PURGE') {
    // A conversion of another customer may refer to a click of this person.
    await tx.$executeRaw(sql`UPDATE "Conversion" SET "clickId" = NULL
      WHERE "workspaceId" = ${workspaceId} AND "clickId" = ANY(${opaque(ids)}::text[])`);
    await tx.$executeRaw(sql`DELETE FROM "Click"
      WHERE "workspaceId" = ${workspaceId} AND "id" = ANY(${opaque(ids)}::text[])`);
  } else {
    const made = rows.map(({ id, ...row }) => ({
      id,
      // A clickId must be unique and is no longer needed, so the id of the row replaces it.
      clickId: own && unnamed(own, row.clickId) === null ? id : row.clickId,
      source: own?.text(row.source) ?? row.source,
      utmSource: row.utmSource && (own?.text(row.utmSource) ?? row.utmSource),
      utmMedium: row.utmMedium && (own?.text(row.utmMedium) ?? row.utmMedium),
      utmCampaign: row.utmCampaign && (own?.text(row.utmCampaign) ?? row.utmCampaign),
    }));
    // URLs can contain personal data; times and campaigns do not.
    await tx.$executeRaw(sql`UPDATE "Click" AS c SET "referrer" = NULL, "url" = NULL, "clickId" = n."clickId",
        "source" = n."source", "utmSource" = n."utmSource", "utmMedium" = n."utmMedium", "utmCampaign" = n."utmCampaign"
      FROM json_populate_recordset(NULL::"Click", ${JSON.stringify(made)}::json) AS n
      WHERE c."workspaceId" = ${workspaceId} AND c."id" = n."id"`);
  }
  return {
    rows: rows.length,
    next: rows.length < limit ? null : { id: last.id },
    counts: {
      [mode === 'PURGE' ? 'Click REMOVED' : 'Click BLANKED']: rows.length,
      'DomainEvent BLANKED': events,
      'WebhookAttempt BLANKED': attempts,
    },
  };
}

interface ConversionRow {
  id: string;
  name: string | null;
  orderId: string | null;
  pixelId: string | null;
  metadata: unknown;
}

/** PURGE removes the conversions. SCRUB keeps their amounts and times, and masks or removes what names the person. */
export async function eraseConversions(
  tx: Transaction,
  { caller, customerIds: [customerId], mode, own }: Person,
  after: Place | null,
  limit: number,
): Promise<Batch> {
  const { workspaceId } = caller;
  // PURGE takes refunds first: deleting a sale would delete its refunds too, and they would be missing in the receipt.
  const from = mode === 'PURGE' ? sql`true` : sql`"id" > ${after?.id ?? ''}`;
  const order = mode === 'PURGE' ? sql`"refundOfId" IS NULL, "id"` : sql`"id"`;
  const rows = await tx.$queryRaw<
    ConversionRow[]
  >(sql`SELECT "id", "name", "orderId", "pixelId", "metadata" FROM "Conversion"
    WHERE "workspaceId" = ${workspaceId} AND "customerId" = ${customerId} AND ${from}
    ORDER BY ${order} LIMIT ${limit} FOR UPDATE`);
  const last = rows.at(-1);
  if (!last) return done({});
  const ids = rows.map(({ id }) => id);
  const { events, attempts } = await blankEvents(tx, caller, ids);
  let named = 0;
  if (mode === 'PURGE') {
    await tx.$executeRaw(sql`DELETE FROM "Conversion"
      WHERE "workspaceId" = ${workspaceId} AND "id" = ANY(${opaque(ids)}::text[])`);
  } else if (own) {
    const made = rows.flatMap(({ id, ...row }) => {
      const masked = {
        name: row.name && own.text(row.name),
        orderId: unnamed(own, row.orderId),
        pixelId: unnamed(own, row.pixelId),
        // Metadata can hold any value, so all of it may be personal.
        metadata: {},
      };
      return isDeepStrictEqual(masked, row) ? [] : { id, ...masked };
    });
    named = await tx.$executeRaw(sql`UPDATE "Conversion" AS c SET "name" = n."name", "orderId" = n."orderId",
        "pixelId" = n."pixelId", "metadata" = n."metadata"
      FROM json_populate_recordset(NULL::"Conversion", ${JSON.stringify(made)}::json) AS n
      WHERE c."workspaceId" = ${workspaceId} AND c."id" = n."id"`);
  }
  return {
    rows: rows.length,
    next: rows.length < limit ? null : { id: last.id },
    counts: {
      ...(mode === 'PURGE' ? { 'Conversion REMOVED': rows.length } : { 'Conversion MASKED': named }),
      'DomainEvent BLANKED': events,
      'WebhookAttempt BLANKED': attempts,
    },
  };
}

/**
 * Removes the records of merges, blanks the events of the merges and the customers, and for PURGE removes the
 * customers.
 */
export async function eraseCustomers(tx: Transaction, { caller, customerIds, mode }: Person): Promise<Batch> {
  const { workspaceId } = caller;
  const ids = opaque(customerIds);
  // The record of a merge contains personal data, and a merge into a deleted customer cannot be undone.
  const merges = await tx.$queryRaw<{ sourceId: string; targetId: string }[]>(sql`DELETE FROM "CustomerMerge"
    WHERE "workspaceId" = ${workspaceId} AND ("sourceId" = ANY(${ids}::text[]) OR "targetId" = ANY(${ids}::text[]))
    RETURNING "sourceId", "targetId"`);
  const own = await blankEvents(tx, caller, customerIds);
  const others = await blankMerges(tx, caller, merges);
  const answers = await eraseAnswersAbout(tx, workspaceId, customerIds);
  if (mode === 'PURGE') {
    await tx.$executeRaw(sql`DELETE FROM "Customer" WHERE "workspaceId" = ${workspaceId}
      AND "id" = ANY(${ids}::text[]) AND "mergedIntoId" IS NOT NULL`);
    await tx.$executeRaw(
      sql`DELETE FROM "Customer" WHERE "workspaceId" = ${workspaceId} AND "id" = ANY(${ids}::text[])`,
    );
  }
  return done(
    {
      [mode === 'PURGE' ? 'Customer REMOVED' : 'Customer BLANKED']: customerIds.length,
      'CustomerMerge REMOVED': merges.length,
      'DomainEvent BLANKED': own.events + others.events,
      'WebhookAttempt BLANKED': own.attempts + others.attempts,
      'IdempotencyRecord BLANKED': answers,
    },
    customerIds.length,
  );
}
