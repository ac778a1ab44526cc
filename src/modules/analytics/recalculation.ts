import type { Caller } from '../../auth/caller.js';
import { type Database, sql, type Transaction } from '../../db/database.js';
import type { Customer } from '../../generated/prisma/client.js';
import { changesOf } from '../../lib/values/changes.js';
import { recountLedger } from '../customer/customer.ledger.js';
import { recordEvents } from '../events/event.service.js';
import { mendCohorts } from './cohorts/ltv-cohorts.service.js';

/** What a recalculation of a workspace has read, and what it found wrong. */
export interface Recalculation {
  customers: number;
  customersMended: number;
  cohortsMended: number;
}

const customersAtOnce = 500;

/** Computes the sums of all customers and cohorts from the ledger again, beside whoever writes, some customers at a time. */
export async function recalculateAll(db: Database, caller: Caller): Promise<Recalculation> {
  const done = { customers: 0, customersMended: 0 };
  for (let after: string | undefined = ''; after !== undefined; ) {
    const from: string = after;
    const { ids, mended } = await db.transaction(async (tx) => {
      const rows = await tx.$queryRaw<{ id: string }[]>(sql`SELECT r."id" FROM "Customer" AS r
        WHERE r."workspaceId" = ${caller.workspaceId} AND r."id" > ${from}
        ORDER BY r."id" LIMIT ${customersAtOnce} FOR UPDATE`);
      const locked = rows.map(({ id }) => id);
      return { ids: locked, mended: await recalculateLocked(tx, caller, locked) };
    });
    done.customers += ids.length;
    done.customersMended += mended;
    after = ids.at(-1);
  }
  const cohortsMended = await db.transaction((tx) => mendCohorts(tx, caller.workspaceId));
  return { ...done, cohortsMended };
}

/** Computes the sums of locked customers again. Returns how many were wrong. */
export async function recalculateLocked(tx: Transaction, caller: Caller, ids: readonly string[]): Promise<number> {
  const { workspaceId } = caller;
  const where = { workspaceId, id: { in: [...ids] } };
  const before = new Map((await tx.customer.findMany({ where, select })).map((row) => [row.id, summaryOf(row)]));
  await recountLedger(tx, workspaceId, ids);
  const events = (await tx.customer.findMany({ where, select })).flatMap((row) => {
    const known = before.get(row.id);
    const drift = known && changesOf(known, summaryOf(row));
    return drift ? [{ type: 'customer.ltv_recalculated' as const, entityId: row.id, data: drift }] : [];
  });
  await recordEvents(tx, caller, events);
  return events.length;
}

const select = { id: true, ltvMinor: true, salesCount: true, firstSaleAt: true, acquiredAt: true } as const;

const summaryOf = ({ ltvMinor, salesCount, firstSaleAt, acquiredAt }: Pick<Customer, keyof typeof select>) => ({
  ltvMinor: String(ltvMinor),
  salesCount,
  firstSaleAt: firstSaleAt?.toISOString() ?? null,
  acquiredAt: acquiredAt?.toISOString() ?? null,
});
