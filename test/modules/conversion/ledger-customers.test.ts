import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { deleteCustomer, mergeCustomers, unmergeCustomers } from '../customer/customer-mutations.js';
import { recordClick } from './documents.js';
import { expectSettled, idOf, ledgerOf } from './ledger-kit.js';

/** Whose the entries of the ledger are, and what becomes of them with their customer. */

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  desk = await testApp.createDesk('Shop', { currency: 'EUR' });
});
afterAll(() => testApp.close());

const { record, sale, refund } = ledgerOf(() => desk);

describe('customers are brought together', () => {
  test('by externalId, else by e-mail, whoever was known by e-mail alone taking the externalId', async () => {
    const byEmail = await record({ class: 'SALE', email: 'Jane@Example.com', amountMinor: 1 });
    const both = await sale('jane', 2, { email: 'jane@example.com' });
    const byName = await sale('jane', 4);
    expect(new Set([byEmail, both, byName].map(({ conversion }) => conversion?.customer?.databaseId)).size).toBe(1);
    expect(byName.conversion?.customer).toMatchObject({ externalId: 'jane', salesCount: 3, ltv: { amountMinor: 7 } });
    expect((await sale('other', 1, { email: 'jane@example.com' })).userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'email'] },
    ]);
  });

  test('by clickId: a click that belongs to nobody is the buyer’s from then on', async () => {
    await desk.run(recordClick, { input: { clickId: 'k1', occurredAt: '2026-01-01T00:00:00Z' } });
    const { conversion } = await sale('jane', 100, { clickId: 'k1' });
    expect(conversion?.click).toEqual({ externalId: 'k1', customer: { databaseId: conversion?.customer?.databaseId } });
    const later = await record({ class: 'SALE', clickId: 'k1', amountMinor: 5 });
    expect(later.conversion?.customer).toMatchObject({ externalId: 'jane', ltv: { amountMinor: 105 } });
    await expectSettled(testApp, desk);
  });

  test('by clickId alone: who is known by nothing else takes the names that come later', async () => {
    await desk.run(recordClick, { input: { clickId: 'k1' } });
    const nameless = await record({ class: 'LEAD', clickId: 'k1' });
    expect(nameless.conversion?.customer).toMatchObject({ externalId: null, email: null });
    const named = await sale('jane', 100, { clickId: 'k1', email: 'jane@example.com' });
    expect(named.conversion?.customer).toMatchObject({
      databaseId: nameless.conversion?.customer?.databaseId,
      externalId: 'jane',
      email: 'jane@example.com',
    });
    const other = await sale('omar', 100, { clickId: 'k1' });
    expect(other.conversion?.customer?.databaseId).not.toBe(named.conversion?.customer?.databaseId);
    expect(other.conversion?.click?.customer?.databaseId).toBe(named.conversion?.customer?.databaseId);
    await expectSettled(testApp, desk);
  });
});

describe('a customer with revenue', () => {
  test('that is merged brings clicks and conversions, and takes them back with what was refunded since', async () => {
    const ofOld = await sale('old', 1_000, { occurredAt: '2026-01-05T00:00:00Z' });
    await desk.run(recordClick, { input: { externalId: 'old', clickId: 'k', occurredAt: '2026-01-01T00:00:00Z' } });
    const ofNew = await sale('new', 10, { occurredAt: '2026-02-05T00:00:00Z' });
    const [sourceId = '', targetId = ''] = [ofOld, ofNew].map(({ conversion }) => conversion?.customer?.databaseId);
    await desk.run(mergeCustomers, { input: { sourceId, targetId } });
    expect((await sale('old', 100)).conversion?.customer).toMatchObject({
      databaseId: targetId,
      salesCount: 3,
      firstSaleAt: '2026-01-05T00:00:00.000Z',
      ltv: { amountMinor: 1_110 },
    });
    await expectSettled(testApp, desk);
    await refund({ id: idOf(ofOld), amountMinor: 400 });
    await desk.run(unmergeCustomers, { input: { sourceId } });
    await expectSettled(testApp, desk);
    const { prisma } = testApp.database;
    const rows = await prisma.customer.findMany({
      where: { workspaceId: desk.workspaceId },
      orderBy: { ltvMinor: 'asc' },
    });
    expect(rows.map(({ id, ltvMinor }) => [id, ltvMinor])).toEqual([
      [targetId, 110n],
      [sourceId, 600n],
    ]);
  });

  test('that is scrubbed leaves its ledger, without the URLs of its clicks', async () => {
    const url = 'https://example.com/?mail=jane@example.com';
    await desk.run(recordClick, { input: { clickId: 'k', referrer: url, url } });
    const { conversion } = await sale('jane@shop', 100, { clickId: 'k', orderId: 'o1' });
    const id = conversion?.customer?.databaseId ?? '';
    const { deleteCustomer: answer } = await desk.run(deleteCustomer, { input: { id, mode: 'SCRUB' } });
    expect(answer.receipt).toContainEqual({ table: 'Click', action: 'BLANKED', count: 1 });
    const { prisma } = testApp.database;
    const where = { workspaceId: desk.workspaceId };
    expect(await prisma.click.findFirst({ where })).toMatchObject({
      customerId: id,
      referrer: null,
      url: null,
      source: 'example.com',
    });
    expect(await prisma.customer.findFirst({ where })).toMatchObject({ ltvMinor: 100n, externalId: null });
    // Characters that no id has.
    expect(JSON.stringify(await prisma.domainEvent.findMany({ where, select: { data: true } }))).not.toMatch(
      /jane@|mail=/,
    );
    await expectSettled(testApp, desk);
  });

  test('that is scrubbed keeps what its clicks still bring', async () => {
    const { prisma } = testApp.database;
    await desk.run(recordClick, { input: { clickId: 'k', externalId: 'jane' } });
    const { id } = await prisma.customer.findFirstOrThrow({ where: { workspaceId: desk.workspaceId } });
    await desk.run(deleteCustomer, { input: { id, mode: 'SCRUB' } });
    for (const orderId of ['o1', 'o2']) {
      const input = { class: 'SALE', clickId: 'k', orderId, amountMinor: 100 } as const;
      expect(await record(input)).toMatchObject({ result: 'RECORDED', conversion: { customer: null }, userErrors: [] });
    }
    const rows = await prisma.customer.findMany({ where: { workspaceId: desk.workspaceId } });
    expect(rows).toMatchObject([{ id, externalId: null, email: null, ltvMinor: 200n, salesCount: 2 }]);
    const { conversion } = await sale('jane', 300, { clickId: 'k', orderId: 'o3' });
    expect(conversion?.customer?.databaseId).not.toBe(id);
    await expectSettled(testApp, desk);
  });

  test('that is purged takes it along, also a click that somebody else’s conversion named', async () => {
    await desk.run(recordClick, { input: { clickId: 'k', externalId: 'jane' } });
    const { conversion } = await sale('jane', 100);
    await refund({ id: conversion?.databaseId ?? '', amountMinor: 1 });
    await sale('omar', 7, { clickId: 'k' });
    const id = conversion?.customer?.databaseId ?? '';
    const { deleteCustomer: answer } = await desk.run(deleteCustomer, { input: { id, mode: 'PURGE' } });
    expect(answer.receipt).toEqual(
      expect.arrayContaining([
        { table: 'Click', action: 'REMOVED', count: 1 },
        { table: 'Conversion', action: 'REMOVED', count: 2 },
      ]),
    );
    const left = await testApp.database.prisma.conversion.findMany({ where: { workspaceId: desk.workspaceId } });
    expect(left).toMatchObject([{ amountMinor: 7n, clickId: null }]);
  });
});
