import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openTestApp, type TestApp } from '../kit/app.js';
import { createCampaign, createLink, recordClicks } from '../modules/conversion/documents.js';
import { idOf, ledgerOf } from '../modules/conversion/ledger-kit.js';
import { importCustomers } from './import/import.js';
import { purchasesCsv } from './import/purchases.js';
import { run, runJson } from './run.js';

/** Revenue in files: what purchases are taken back by an import, and what is written for other systems alone. */

let testApp: TestApp;
let desk: Desk;

type Line = Record<string, unknown>;

const exportOf = async (what: string, workspace: string): Promise<string> => {
  const { code, out, err } = await run(['export', what, '--workspace', workspace]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
};
const linesOf = (text: string): Line[] => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));

const importLines = async (workspace: string, input: string): Promise<unknown> =>
  runJson(['import', 'purchases', '-', '--format', 'jsonl', '--workspace', workspace], { input });

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
  const { sale, record, refund, setStatus } = ledgerOf(() => desk);
  const { campaign } = (await desk.run(createCampaign, { input: { name: 'Spring' } })).createCampaign;
  const input = { url: 'https://shop.example/spring', name: 'Banner', campaignId: campaign?.id ?? '' };
  const made = await desk.run(createLink, { input });
  expect(made.createLink.userErrors).toEqual([]);
  const [link] = await testApp.database.prisma.link.findMany({ where: { workspaceId: desk.workspaceId } });
  const click = { clickId: 'clk-1', linkId: link?.id ?? '', externalId: 'ann', utmSource: 'mail' };
  const later = { clickId: 'clk-2', referrer: 'https://search.example/', email: 'gone@example.com' };
  await desk.run(recordClicks, { input: { clicks: [click, later], errorPolicy: 'ALL_OR_NOTHING' } });
  const occurredAt = '2024-05-01T09:30:00.000Z';
  await sale('ann', 2_933, { orderId: 'o-1', items: 2, occurredAt, clickId: 'clk-1' });
  await sale('ann', 500, { orderId: 'o-2', currency: 'EUR', exchangeRate: '1.0837', occurredAt });
  const part = await sale('bob', 1_000, { orderId: 'o-3', occurredAt });
  await refund({ id: idOf(part), amountMinor: 400 });
  await record({ class: 'SALE', email: 'cem@example.com', amountMinor: 700, orderId: 'o-4', occurredAt });
  await setStatus(idOf(await sale('bob', 1, { orderId: 'o-5', occurredAt })), 'FRAUD');
  await sale('bob', 2, { occurredAt });
  await record({ class: 'CUSTOM', name: 'Call', externalId: 'bob', orderId: 'o-6', occurredAt });
  await record({ class: 'SALE', email: 'gone@example.com', amountMinor: 900, orderId: 'o-7', occurredAt });
  const gone = await testApp.database.prisma.customer.findFirstOrThrow({
    where: { workspaceId: desk.workspaceId, email: 'gone@example.com' },
  });
  await testApp.services.customers.delete(desk.operator, { id: gone.id, mode: 'SCRUB' });
});

afterAll(() => testApp.close());

test('purchases come back from a file as they were, also when it is imported twice', async () => {
  const text = await exportOf('purchases', desk.workspaceId);
  const lines = linesOf(text);
  expect(lines).toEqual([
    {
      customerExternalId: 'ann',
      orderId: 'o-1',
      amountMinor: 2_933,
      currency: 'USD',
      exchangeRate: null,
      items: 2,
      occurredAt: '2024-05-01T09:30:00.000Z',
    },
    expect.objectContaining({ orderId: 'o-2', amountMinor: 500, currency: 'EUR', exchangeRate: '1.0837' }),
    expect.objectContaining({ orderId: 'o-3', customerExternalId: 'bob', amountMinor: 1_000 }),
    // Who has no externalId is named by the id, which an import of customers keeps.
    expect.objectContaining({ orderId: 'o-4', customerId: expect.stringMatching(/^ctc_/) }),
  ]);
  const other = await testApp.createDesk();
  await importCustomers(other.workspaceId, await exportOf('customers', desk.workspaceId), 'jsonl');
  const none = { lines: 4, failed: 0, customersCreated: 0, seconds: expect.any(Number) };
  expect(await importLines(other.workspaceId, text)).toEqual({ ...none, purchasesCreated: 4, unchanged: 0 });
  expect(await exportOf('purchases', other.workspaceId)).toBe(text);
  expect(await importLines(other.workspaceId, text)).toEqual({ ...none, purchasesCreated: 0, unchanged: 4 });
  expect(await importLines(desk.workspaceId, text)).toEqual({ ...none, purchasesCreated: 0, unchanged: 4 });
});

test('a purchase names its customer in one way', async () => {
  const purchase = { orderId: 'x', amountMinor: 1, occurredAt: '2024-05-01T09:30:00Z' };
  const input = [purchase, { ...purchase, customerId: 'ctc_1', customerExternalId: 'ann' }].map((line) =>
    JSON.stringify(line),
  );
  const { code, err } = await run(['import', 'purchases', '-', '--format', 'jsonl', '--workspace', desk.workspaceId], {
    input: input.join('\n'),
  });
  expect(code).toBe(1);
  const fault = 'customerExternalId: One of customerExternalId and customerId must say whose purchase it is.';
  expect(err).toContain(`line 1: ${fault}`);
  expect(err).toContain(`line 2: ${fault}`);
});

test('all conversions are written with every column, refunds and those of nobody as well', async () => {
  const { prisma } = testApp.database;
  const rows = await prisma.conversion.findMany({ where: { workspaceId: desk.workspaceId }, orderBy: { id: 'asc' } });
  const customers = await prisma.customer.findMany({ where: { workspaceId: desk.workspaceId } });
  const expected = rows.map(({ workspaceId: _, rate, imported, amountMinor, baseAmountMinor, ...row }) => {
    const customer = customers.find(({ id, deletedAt }) => id === row.customerId && deletedAt === null);
    return {
      ...row,
      customerId: customer?.id ?? null,
      customerExternalId: customer?.externalId ?? null,
      amountMinor: Number(amountMinor),
      baseAmountMinor: Number(baseAmountMinor),
      exchangeRate: row.currency === 'USD' ? null : rate,
      isImported: imported,
      occurredAt: row.occurredAt.toISOString(),
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt?.toISOString() ?? null,
    };
  });
  const lines = linesOf(await exportOf('conversions', desk.workspaceId));
  expect(lines).toEqual(expected);
  expect(lines.some(({ refundOfId, amountMinor }) => refundOfId !== null && amountMinor === -400)).toBe(true);
  expect(lines.some(({ customerId }) => customerId === null)).toBe(true);
});

test('clicks, links and campaigns are written with every column', async () => {
  const { prisma } = testApp.database;
  const where = { where: { workspaceId: desk.workspaceId }, orderBy: { id: 'asc' as const } };
  const [clicks, links, campaigns] = [
    await prisma.click.findMany(where),
    await prisma.link.findMany(where),
    await prisma.campaign.findMany(where),
  ];
  const gone = await prisma.customer.findMany({ where: { workspaceId: desk.workspaceId, deletedAt: { not: null } } });
  const asJson = (value: unknown): Line[] => JSON.parse(JSON.stringify(value));
  expect(linesOf(await exportOf('clicks', desk.workspaceId))).toEqual(
    asJson(
      clicks.map(({ workspaceId: _, clickId: externalId, customerId, ...row }) => ({
        ...row,
        externalId,
        customerId: gone.some(({ id }) => id === customerId) ? null : customerId,
      })),
    ),
  );
  expect(linesOf(await exportOf('links', desk.workspaceId))).toEqual(
    asJson(links.map(({ workspaceId: _, ...row }) => row)),
  );
  expect(linesOf(await exportOf('campaigns', desk.workspaceId))).toEqual(
    asJson(campaigns.map(({ workspaceId: _, ...row }) => row)),
  );
  expect([clicks.length, links.length, campaigns.length]).toEqual([2, 1, 1]);
});

test('more purchases than a page holds are each written once', async () => {
  const other = await testApp.createDesk();
  const csv = purchasesCsv().split('\n').slice(0, 1_201).join('\n');
  await runJson(['import', 'purchases', '-', '--workspace', other.workspaceId], { input: csv });
  const orders = linesOf(await exportOf('purchases', other.workspaceId)).map(({ orderId }) => orderId);
  expect(new Set(orders).size).toBe(1_200);
  expect(orders).toHaveLength(1_200);
  const ids = linesOf(await exportOf('conversions', other.workspaceId)).map(({ id }) => id);
  expect([new Set(ids).size, ids.length]).toEqual([1_200, 1_200]);
});
