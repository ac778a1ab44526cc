import { expect } from 'vitest';
import type { Desk, TestApp } from '../kit/app.js';

/** Expects what each customer's row sums up to be what the ledger says. */
export async function expectSettled({ database, services }: TestApp, { workspaceId, operator }: Desk): Promise<void> {
  const { prisma } = database;
  const rows = await prisma.conversion.findMany({ where: { workspaceId } });
  const clicks = await prisma.click.findMany({ where: { workspaceId } });
  const customers = await prisma.customer.findMany({ where: { workspaceId } });
  const earliest = (times: readonly Date[]): Date | null =>
    times.reduce<Date | null>((first, time) => (first && first <= time ? first : time), null);
  for (const { id, ltvMinor, salesCount, firstSaleAt, acquiredAt, createdAt, ...customer } of customers) {
    const own = rows.filter(({ customerId }) => customerId === id);
    const counted = own.filter((row) => row.class === 'SALE' && ['PENDING', 'APPROVED'].includes(row.status));
    const sales = counted.filter(({ refundOfId }) => refundOfId === null);
    const first = earliest(sales.map(({ occurredAt }) => occurredAt));
    const click = earliest(clicks.filter(({ customerId }) => customerId === id).map(({ occurredAt }) => occurredAt));
    const imported = own.some((row) => row.imported);
    expect({ id, ltvMinor, salesCount, firstSaleAt, acquiredAt: acquiredAt ?? createdAt }).toEqual({
      id,
      ltvMinor: counted.reduce((sum, { baseAmountMinor }) => sum + baseAmountMinor, 0n),
      salesCount: sales.length,
      firstSaleAt: first,
      acquiredAt: click ?? (imported && first && first < createdAt ? first : createdAt),
    });
    if (customer.deletedAt || customer.mergedIntoId) continue;
    const { beforeMinor, afterMinor } = await services.analytics.recalculate(operator, { id });
    expect(afterMinor - beforeMinor).toBe(0n);
  }
}
