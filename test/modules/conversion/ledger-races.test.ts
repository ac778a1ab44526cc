import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { randomNumbers } from '../../kit/random-operations.js';
import { expectSettled } from './ledger-kit.js';

/** Whatever happens at the same time, each customer's row says what the ledger says. */

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

/** Some may be refused, as one that refunds what another has refunded just before; nothing else may go wrong. */
async function allOf(work: readonly (() => Promise<unknown>)[]): Promise<void> {
  const results = await Promise.allSettled(work.map(async (one) => one()));
  const defects = results.flatMap((result) =>
    result.status === 'rejected' && !(result.reason instanceof AppError) ? [result.reason] : [],
  );
  expect(defects).toEqual([]);
}

async function openShop(): Promise<{ desk: Desk; ids: string[]; sales: string[] }> {
  const desk = await testApp.createDesk();
  const sales: string[] = [];
  const ids: string[] = [];
  for (const externalId of ['a', 'b', 'c']) {
    const input = { class: 'SALE', externalId, amountMinor: 1_000, orderId: `first ${externalId}` } as const;
    const { conversion } = await testApp.services.conversions.record(desk.operator, input);
    sales.push(conversion.id);
    ids.push(conversion.customerId);
  }
  return { desk, ids, sales };
}

describe('the ledger stays settled', () => {
  test('when one order is recorded many times at once', async () => {
    const { desk } = await openShop();
    const { conversions } = testApp.services;
    const results = await Promise.all(
      Array.from({ length: 8 }, () =>
        conversions.record(desk.operator, { class: 'SALE', externalId: 'new', amountMinor: 70, orderId: 'same' }),
      ),
    );
    expect(results.filter(({ result }) => result === 'RECORDED')).toHaveLength(1);
    expect(new Set(results.map(({ conversion }) => conversion.id)).size).toBe(1);
    await expectSettled(testApp, desk);
  });

  test('when a sale is refunded by many at once, never beyond its amount', async () => {
    const { desk, sales } = await openShop();
    const { conversions } = testApp.services;
    await allOf(
      Array.from(
        { length: 8 },
        () => () => conversions.refund(desk.operator, { id: sales[0] ?? '', amountMinor: 300 }),
      ),
    );
    const refunds = await testApp.database.prisma.conversion.count({
      where: { workspaceId: desk.workspaceId, refundOfId: sales[0] ?? '' },
    });
    expect(refunds).toBe(3);
    await expectSettled(testApp, desk);
  });

  test('while the changes of its cohorts are added to their sums', async () => {
    const { desk, ids } = await openShop();
    const { workspaceId, operator } = desk;
    const { conversions, customers } = testApp.services;
    const { pool } = testApp.database;
    const add = () => pool.query('SELECT "deskgraph_add_cohort_changes"($1)', [workspaceId]);
    const sell = (place: number) => () =>
      conversions.record(operator, { class: 'SALE', externalId: `n${place % 4}`, amountMinor: place });
    for (let round = 0; round < 4; round += 1) {
      await allOf(Array.from({ length: 12 }, (_, place) => (place % 3 === 0 ? add : sell(place))));
    }
    await customers.merge(operator, { sourceId: ids[0] ?? '', targetId: ids[1] ?? '' });
    await expectSettled(testApp, desk);
    await add();
    const left = await pool.query('SELECT FROM "CohortRevenueChange" WHERE "workspaceId" = $1', [workspaceId]);
    expect(left.rowCount).toBe(0);
    await expectSettled(testApp, desk);
  });

  test.each([1, 2, 3, 4])('in any interleaving of sales, refunds, statuses, clicks and merges (%i)', async (seed) => {
    const { desk, ids, sales } = await openShop();
    const { clicks, conversions, customers } = testApp.services;
    const random = randomNumbers(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const statuses = ['APPROVED', 'PENDING', 'REFUNDED', 'FRAUD'] as const;
    const caller = desk.operator;
    const acts: (() => () => Promise<unknown>)[] = [
      () => {
        const amountMinor = Math.floor(random() * 500);
        const occurredAt = new Date(Date.UTC(2025, Math.floor(random() * 12)));
        const input = { class: 'SALE', externalId: pick(['a', 'b', 'c', 'd']), amountMinor, occurredAt } as const;
        return () => conversions.record(caller, { ...input, clickId: null });
      },
      () => {
        const input = { id: pick(sales), amountMinor: 1 + Math.floor(random() * 400) };
        return () => conversions.refund(caller, input);
      },
      () => {
        const input = { id: pick(sales), status: pick(statuses) };
        return () => conversions.setStatus(caller, input);
      },
      () => {
        const input = { clickId: `k${Math.floor(random() * 5)}`, externalId: pick(['a', 'b', 'c', 'e', null]) };
        return () => clicks.record(caller, input);
      },
      () => {
        const batch = Array.from({ length: 5 }, () => ({
          class: 'SALE' as const,
          externalId: pick(['a', 'b', 'c', 'd', 'f']),
          amountMinor: Math.floor(random() * 90),
          orderId: `o${Math.floor(random() * 20)}`,
        }));
        return () => conversions.recordMany(caller, { conversions: batch, errorPolicy: 'PER_ITEM' });
      },
      () => {
        const [sourceId = '', targetId = ''] = [pick(ids), pick(ids)];
        return () => customers.merge(caller, { sourceId, targetId });
      },
      () => {
        const sourceId = pick(ids);
        return () => customers.unmerge(caller, { sourceId });
      },
    ];
    for (let round = 0; round < 6; round += 1) {
      await allOf(Array.from({ length: 8 }, () => pick(acts)()));
      await expectSettled(testApp, desk);
    }
  });
});
