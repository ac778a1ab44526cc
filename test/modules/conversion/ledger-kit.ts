import { expect } from 'vitest';
import { mendCohorts } from '../../../src/modules/analytics/cohorts/ltv-cohorts.service.js';
import type {
  RecordConversionInput,
  RefundConversionInput,
  SetConversionStatusInput,
} from '../../generated/graphql.js';
import type { Desk, TestApp } from '../../kit/app.js';
import { recordConversion, refundConversion, setConversionStatus } from './documents.js';

/** Writes to the ledger of the desk of the moment. */
export function ledgerOf(desk: () => Desk) {
  const record = async (input: RecordConversionInput) =>
    (await desk().run(recordConversion, { input })).recordConversion;
  return {
    record,
    sale: (externalId: string, amountMinor: number, more: Partial<RecordConversionInput> = {}) =>
      record({ class: 'SALE', externalId, amountMinor, ...more }),
    refund: async (input: RefundConversionInput) => (await desk().run(refundConversion, { input })).refundConversion,
    setStatus: async (id: string, status: SetConversionStatusInput['status']) =>
      (await desk().run(setConversionStatus, { input: { id, status } })).setConversionStatus,
  };
}

/** The plain id of what was recorded. */
export const idOf = ({ conversion }: { conversion: { databaseId: string } | null }): string =>
  conversion?.databaseId ?? '';

/** Expects what each customer's row and the cohorts sum up to be what the ledger says. */
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
  expect(await database.transaction((tx) => mendCohorts(tx, workspaceId))).toBe(0);
}
