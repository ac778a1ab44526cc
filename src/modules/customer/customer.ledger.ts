import { raw, type Sql, sql, type Transaction } from '../../db/database.js';
import { customers } from '../../db/reading/tables.js';
import type { Conversion, Customer } from '../../generated/prisma/client.js';

/**
 * The columns of a customer that sum up its part of the ledger, the table of conversions. They are written in the same
 * transaction as the ledger, while the customer is locked.
 */

/** Exactly the predicate of the index on rows that count, so that the planner can use it. */
export const counted = (alias: 'c' | 'r'): Sql =>
  raw(`${alias}."class" = 'SALE' AND ${alias}."status" IN ('PENDING', 'APPROVED')`);

/** Whether a conversion counts towards the lifetime value. */
export const counts = ({ class: kind, status }: Pick<Conversion, 'class' | 'status'>): boolean =>
  kind === 'SALE' && (status === 'PENDING' || status === 'APPROVED');

/** A change of the sums of a customer. */
export interface LedgerChange {
  ltvMinor: bigint;
  salesCount: number;
}

export const noChange: LedgerChange = { ltvMinor: 0n, salesCount: 0 };

/** The amount and the number of sales that a row adds to the sums. A refund adds no sale. */
export const worthOf = (row: Pick<Conversion, 'class' | 'status' | 'baseAmountMinor' | 'refundOfId'>): LedgerChange =>
  counts(row) ? { ltvMinor: row.baseAmountMinor, salesCount: row.refundOfId === null ? 1 : 0 } : noChange;

/** The changes of the sums by customer, to be written with one statement. */
export class LedgerChanges {
  readonly byCustomer = new Map<string, LedgerChange>();

  /** Adds the change of one row. A change of zero counts too: the times of its customer are then computed again. */
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

/** When a customer was acquired; null means when it was created. `r` is the customer, `d` has the values looked up. */
const acquiredAt = raw(
  'COALESCE(d."firstClick", CASE WHEN d."isImported" THEN LEAST(r."createdAt", d."firstSale") END)',
);

/** Adds the changes to locked customers. One statement, whose cost does not depend on the size of their ledgers. */
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

/** The columns that sum up the ledger of a customer. */
const sums = ['ltvMinor', 'salesCount', 'firstSaleAt', 'acquiredAt'] as const;

export type LedgerSums = Pick<Customer, 'id' | (typeof sums)[number]>;

/** The columns of the customer `r` that a statement must return as `LedgerSums`. */
export const ledgerSums: Sql = customers.project(['id', ...sums]).select('r');

/** Computes the sums of locked customers from the ledger and returns them. It reads their whole ledger. */
export async function recountLedger(
  tx: Transaction,
  workspaceId: string,
  ids: readonly string[],
): Promise<LedgerSums[]> {
  const id = raw('n."id"');
  return tx.$queryRaw<LedgerSums[]>(sql`UPDATE "Customer" AS r
    SET "ltvMinor" = d."amount", "salesCount" = d."sales", "firstSaleAt" = d."firstSale", "acquiredAt" = ${acquiredAt}
    FROM (SELECT n."id", s."amount", s."sales", ${firstSale(workspaceId, id)} AS "firstSale",
        ${firstClick(workspaceId, id)} AS "firstClick", ${isImported(workspaceId, id)} AS "isImported"
      FROM unnest(${ids}::text[]) AS n("id") CROSS JOIN LATERAL (
        SELECT COALESCE(sum(c."baseAmountMinor"), 0)::bigint AS "amount",
          count(*) FILTER (WHERE c."refundOfId" IS NULL)::int AS "sales"
        FROM "Conversion" AS c
        WHERE c."workspaceId" = ${workspaceId} AND c."customerId" = n."id" AND ${counted('c')}) AS s) AS d
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = d."id"
    RETURNING ${ledgerSums}`);
}
