import { raw, type Sql, sql, type Transaction } from '../../db/database.js';
import type { Conversion } from '../../generated/prisma/client.js';

/**
 * The columns by which a customer sums up its part of the ledger. They are written in the transaction that writes the
 * ledger, and under the lock of the customer.
 */

/** Word for word the predicate of the index on what counts, so that the planner recognises it. */
export const counted = (alias: 'c' | 'r'): Sql =>
  raw(`${alias}."class" = 'SALE' AND ${alias}."status" IN ('PENDING', 'APPROVED')`);

/** Whether a row counts towards lifetime value. */
export const counts = ({ class: kind, status }: Pick<Conversion, 'class' | 'status'>): boolean =>
  kind === 'SALE' && (status === 'PENDING' || status === 'APPROVED');

/** What the ledger of a customer has gained. */
export interface LedgerChange {
  ltvMinor: bigint;
  salesCount: number;
}

export const noChange: LedgerChange = { ltvMinor: 0n, salesCount: 0 };

/** What counts of a row: its amount, and a sale unless it is a refund. */
export const worthOf = (row: Pick<Conversion, 'class' | 'status' | 'baseAmountMinor' | 'refundOfId'>): LedgerChange =>
  counts(row) ? { ltvMinor: row.baseAmountMinor, salesCount: row.refundOfId === null ? 1 : 0 } : noChange;

/** The changes of a ledger by customer, to be settled at once. */
export class LedgerChanges {
  readonly byCustomer = new Map<string, LedgerChange>();

  /** Notes that the customer's row has changed from one worth to another; also one that is worth nothing is looked at. */
  add(customerId: string, after: LedgerChange, before: LedgerChange = noChange): void {
    const { ltvMinor, salesCount } = this.byCustomer.get(customerId) ?? noChange;
    this.byCustomer.set(customerId, {
      ltvMinor: ltvMinor + after.ltvMinor - before.ltvMinor,
      salesCount: salesCount + after.salesCount - before.salesCount,
    });
  }
}

const firstSale = (workspaceId: string, customerId: Sql): Sql => sql`(
  SELECT c."occurredAt" FROM "Conversion" AS c
  WHERE c."workspaceId" = ${workspaceId} AND c."customerId" = ${customerId} AND ${counted('c')} AND c."refundOfId" IS NULL
  ORDER BY c."occurredAt" LIMIT 1)`;

const firstClick = (workspaceId: string, customerId: Sql): Sql => sql`(
  SELECT k."occurredAt" FROM "Click" AS k WHERE k."workspaceId" = ${workspaceId} AND k."customerId" = ${customerId}
  ORDER BY k."occurredAt", k."id" LIMIT 1)`;

const isImported = (workspaceId: string, customerId: Sql): Sql => sql`EXISTS (
  SELECT FROM "Conversion" AS c
  WHERE c."workspaceId" = ${workspaceId} AND c."customerId" = ${customerId} AND c."imported")`;

/** When a customer was won, null for when it was created; `r` is the customer, `d` holds what was looked up of it. */
const acquiredAt = raw(
  'COALESCE(d."firstClick", CASE WHEN d."isImported" THEN LEAST(r."createdAt", d."firstSale") END)',
);

/** Adds what the ledgers of locked customers have gained. One statement; its cost does not depend on their length. */
export async function settleCustomers(
  tx: Transaction,
  workspaceId: string,
  { byCustomer }: LedgerChanges,
): Promise<void> {
  if (byCustomer.size === 0) return;
  const ids = [...byCustomer.keys()];
  const amounts = [...byCustomer.values()].map(({ ltvMinor }) => String(ltvMinor));
  const sales = [...byCustomer.values()].map(({ salesCount }) => salesCount);
  const id = raw('n."id"');
  await tx.$executeRaw(sql`UPDATE "Customer" AS r
    SET "ltvMinor" = r."ltvMinor" + d."amount", "salesCount" = r."salesCount" + d."sales",
      "firstSaleAt" = d."firstSale", "acquiredAt" = ${acquiredAt}
    FROM (SELECT n.*, ${firstSale(workspaceId, id)} AS "firstSale", ${firstClick(workspaceId, id)} AS "firstClick",
        ${isImported(workspaceId, id)} AS "isImported"
      FROM unnest(${ids}::text[], ${amounts}::text[]::bigint[], ${sales}::int[]) AS n("id", "amount", "sales")) AS d
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = d."id"`);
}

/** Brings the columns of locked customers to what the ledger says, whatever they held. Reads all of their ledger. */
export async function recountLedger(tx: Transaction, workspaceId: string, ids: readonly string[]): Promise<void> {
  const id = raw('n."id"');
  await tx.$executeRaw(sql`UPDATE "Customer" AS r
    SET "ltvMinor" = d."amount", "salesCount" = d."sales", "firstSaleAt" = d."firstSale", "acquiredAt" = ${acquiredAt}
    FROM (SELECT n."id", s."amount", s."sales", ${firstSale(workspaceId, id)} AS "firstSale",
        ${firstClick(workspaceId, id)} AS "firstClick", ${isImported(workspaceId, id)} AS "isImported"
      FROM unnest(${ids}::text[]) AS n("id") CROSS JOIN LATERAL (
        SELECT COALESCE(sum(c."baseAmountMinor"), 0)::bigint AS "amount",
          count(*) FILTER (WHERE c."refundOfId" IS NULL)::int AS "sales"
        FROM "Conversion" AS c
        WHERE c."workspaceId" = ${workspaceId} AND c."customerId" = n."id" AND ${counted('c')}) AS s) AS d
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = d."id"`);
}
