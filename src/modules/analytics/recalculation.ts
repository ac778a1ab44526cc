import type { Caller } from '../../auth/caller.js';
import { type Database, sql, type Transaction } from '../../db/database.js';
import { changesOf } from '../../lib/values/changes.js';
import { type LedgerSums, ledgerSums, recountLedger } from '../customer/customer.ledger.js';
import { recordEvents } from '../events/event.service.js';
import { mendCohorts } from './cohorts/ltv-cohorts.service.js';

/** What a recalculation of a workspace has read, and what it found wrong. */
export interface Recalculation {
  customers: number;
  customersMended: number;
  cohortsMended: number;
}

const customersAtOnce = 500;

/**
 * Recomputes the sums of all customers and cohorts from the ledger, some customers at a time, while others may write.
 */
export async function recalculateAll(db: Database, caller: Caller): Promise<Recalculation> {
  const done = { customers: 0, customersMended: 0 };
  for (let after: string | undefined = ''; after !== undefined; ) {
    const from: string = after;
    const batch = await db.transaction(async (tx) => {
      const locked = await tx.$queryRaw<LedgerSums[]>(sql`SELECT ${ledgerSums} FROM "Customer" AS r
        WHERE r."workspaceId" = ${caller.workspaceId} AND r."id" > ${from}
        ORDER BY r."id" LIMIT ${customersAtOnce} FOR UPDATE`);
      const { mended } = await recalculateLocked(tx, caller, locked);
      return { customers: locked.length, mended, last: locked.at(-1)?.id };
    });
    done.customers += batch.customers;
    done.customersMended += batch.mended;
    after = batch.last;
  }
  const cohortsMended = await db.transaction((tx) => mendCohorts(tx, caller.workspaceId));
  return { ...done, cohortsMended };
}

/** Computes the sums of locked customers again. Returns them, and how many were wrong. */
export async function recalculateLocked(
  tx: Transaction,
  caller: Caller,
  locked: readonly LedgerSums[],
): Promise<{ sums: LedgerSums[]; mended: number }> {
  const before = new Map(locked.map((row) => [row.id, summaryOf(row)]));
  const sums = await recountLedger(tx, caller.workspaceId, [...before.keys()]);
  const events = sums.flatMap((row) => {
    const known = before.get(row.id);
    const drift = known && changesOf(known, summaryOf(row));
    return drift ? [{ type: 'customer.ltv_recalculated' as const, entityId: row.id, data: drift }] : [];
  });
  await recordEvents(tx, caller, events);
  return { sums, mended: events.length };
}

const summaryOf = ({ ltvMinor, salesCount, firstSaleAt, acquiredAt }: LedgerSums) => ({
  ltvMinor: String(ltvMinor),
  salesCount,
  firstSaleAt: firstSaleAt?.toISOString() ?? null,
  acquiredAt: acquiredAt?.toISOString() ?? null,
});
