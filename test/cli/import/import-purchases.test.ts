import { expect, test } from 'vitest';
import { query, run, runJson } from '../run.js';
import { importPurchases } from './import.js';
import { purchases, purchasesCsv } from './purchases.js';

let workspaces = 0;

async function newShop(currency = 'USD'): Promise<string> {
  workspaces += 1;
  const id = `wrk_shop_${process.pid}_${Date.now()}_${workspaces}`;
  await runJson(['workspace', 'create', '--id', id, '--currency', currency, '--entitlement', 'revenue-tracking']);
  return id;
}

const header = 'customerExternalId,orderId,occurredAt,amountMinor,currency,items';

const ledger = `select c."externalId", r."orderId", r."occurredAt", r."amountMinor"::int as amount, r."currency", r."items",
    r."status", r."imported", c."source", c."ltvMinor"::int as ltv, c."salesCount" as sales, c."firstSaleAt"
  from "Conversion" as r join "Customer" as c on c."workspaceId" = r."workspaceId" and c."id" = r."customerId"
  where r."workspaceId" = $1 order by r."orderId"`;

test('what is written is what a file says, and once', async () => {
  const workspace = await newShop();
  const lines = [
    header,
    'u1,o1,2024-05-01T09:30:00+02:00,2933,USD,2',
    '"u,2",o2,2024-06-01T00:00:00Z,0,,',
    'u1,o3,2024-04-01T00:00:00Z,100,USD,1',
    'u1,o1,2024-05-01T09:30:00+02:00,2933,USD,2',
  ];
  const none = { lines: 4, failed: 0, seconds: expect.any(Number) };
  expect(await importPurchases(workspace, lines.join('\r\n'))).toEqual({
    code: 0,
    err: '',
    summary: { ...none, customersCreated: 2, purchasesCreated: 3, unchanged: 1 },
  });
  const u1 = {
    externalId: 'u1',
    source: 'IMPORT',
    ltv: 3_033,
    sales: 2,
    firstSaleAt: new Date('2024-04-01T00:00:00Z'),
    status: 'APPROVED',
    currency: 'USD',
    imported: true,
  };
  const free = { ...u1, externalId: 'u,2', ltv: 0, sales: 1, firstSaleAt: new Date('2024-06-01T00:00:00Z') };
  expect(await query(ledger, workspace)).toEqual([
    { ...u1, orderId: 'o1', occurredAt: new Date('2024-05-01T07:30:00Z'), amount: 2_933, items: 2 },
    { ...free, orderId: 'o2', occurredAt: new Date('2024-06-01T00:00:00Z'), amount: 0, items: null },
    { ...u1, orderId: 'o3', occurredAt: new Date('2024-04-01T00:00:00Z'), amount: 100, items: 1 },
  ]);
  const { summary } = await importPurchases(workspace, lines.join('\n'));
  expect(summary).toEqual({ ...none, customersCreated: 0, purchasesCreated: 0, unchanged: 4 });
});

test('bad lines are told by number, and the others are kept', async () => {
  const workspace = await newShop('EUR');
  const lines = [
    `${header},exchangeRate`,
    'u1,o1,2024-05-01T09:30:00Z,1000,USD,2,0.9',
    'u1,o2,2024-05-01,1000,EUR,2,',
    'u1,o3,2024-05-01T09:30:00Z,10.5,EUR,2,',
    'u1,o4,2024-05-01T09:30:00Z,1000,USD,2,',
    'u1,,2024-05-01T09:30:00Z,1000,EUR,2,',
    'u1,o6',
    'u2,o1,2024-05-01T09:30:00Z,1001,USD,2,0.9',
    'u1,o8,2024-05-01T09:30:00Z,-5,EUR,2,',
  ];
  const { code, err, summary } = await importPurchases(workspace, lines.join('\n'));
  expect([code, summary.purchasesCreated, summary.failed]).toEqual([1, 1, 7]);
  expect(err.split('\n').map((line) => line.split(': ').slice(0, 2).join(': '))).toEqual([
    'line 3: occurredAt',
    'line 4: amountMinor',
    'line 6: orderId',
    expect.stringMatching(/^line 7: Must have 7 fields/),
    'line 9: amountMinor',
    'line 5: exchangeRate',
    'line 8: orderId',
    'Not imported: 7 of 8 lines.',
    '',
  ]);
  expect(await query(ledger, workspace)).toMatchObject([{ amount: 1_000, currency: 'USD', ltv: 900 }]);
});

test.each([
  ['', 'It is empty'],
  ['customerExternalId,orderId,amountMinor\n', 'It lacks: occurredAt.'],
  [`${header},colour\n`, 'Unknown column "colour"'],
])('a file that cannot be used is told from bad lines: %j', async (text, reason) => {
  const { code, err } = await importPurchases(await newShop(), text);
  expect([code, err]).toEqual([2, expect.stringContaining(reason)]);
});

test('a workspace without revenue tracking is refused', async () => {
  const id = `wrk_poor_${process.pid}_${Date.now()}`;
  await runJson(['workspace', 'create', '--id', id]);
  const { code, err } = await run(['import', 'purchases', '-', '--workspace', id], { input: `${header}\n` });
  expect([code, err]).toEqual([1, expect.stringContaining('REVENUE_TRACKING')]);
});

test('6,919 purchases make 2,357 customers with the values that the file says', async () => {
  const workspace = await newShop();
  const { summary } = await importPurchases(workspace, purchasesCsv());
  expect(summary).toMatchObject({ lines: 6_919, customersCreated: 2_357, purchasesCreated: 6_919, failed: 0 });
  const expected = new Map<string, { ltv: number; sales: number; first: Date }>();
  for (const { customer, occurredAt, amountMinor } of purchases()) {
    const { ltv, sales, first } = expected.get(customer) ?? { ltv: 0, sales: 0, first: occurredAt };
    expected.set(customer, {
      ltv: ltv + amountMinor,
      sales: sales + 1,
      first: new Date(Math.min(occurredAt.getTime(), first.getTime())),
    });
  }
  const rows = await query(
    `select "externalId", "ltvMinor"::int as ltv, "salesCount" as sales, "firstSaleAt" as first, "acquiredAt" as acquired
     from "Customer" where "workspaceId" = $1`,
    workspace,
  );
  expect(rows.length).toBe(expected.size);
  expect(new Map(rows.map(({ externalId, acquired: _acquired, ...row }) => [externalId, row]))).toEqual(expected);
  // Who came with a history was won with its beginning, not when the file was read.
  expect(rows.every(({ first, acquired }) => (first as Date).getTime() === (acquired as Date).getTime())).toBe(true);
});
