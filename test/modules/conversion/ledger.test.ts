import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RecordConversionInput } from '../../generated/graphql.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { newEvents } from '../../kit/records.js';
import { statementsOf } from '../../kit/statements.js';
import { ledger, recordConversions, setConversionStatus } from './documents.js';
import { expectSettled, idOf, ledgerOf } from './ledger-kit.js';

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  desk = await testApp.createDesk('Shop', { currency: 'EUR' });
});
afterAll(() => testApp.close());

const { record, sale, refund, setStatus } = ledgerOf(() => desk);

describe('recordConversion', () => {
  test('adds a sale to the ledger and to the customer, who is created for it', async () => {
    let answer: Awaited<ReturnType<typeof record>> | undefined;
    const events = await newEvents(testApp, desk, async () => {
      answer = await sale('buyer', 1_250, {
        orderId: 'o1',
        email: 'b@example.com',
        occurredAt: '2026-02-03T10:00:00Z',
      });
    });
    expect(answer).toMatchObject({
      result: 'RECORDED',
      userErrors: [],
      conversion: {
        class: 'SALE',
        status: 'APPROVED',
        orderId: 'o1',
        amount: { amountMinor: 1_250, currency: 'EUR' },
        baseAmount: { amountMinor: 1_250, currency: 'EUR' },
        exchangeRate: '1',
        isImported: false,
        occurredAt: '2026-02-03T10:00:00.000Z',
        customer: {
          externalId: 'buyer',
          email: 'b@example.com',
          salesCount: 1,
          firstSaleAt: '2026-02-03T10:00:00.000Z',
          ltv: { amountMinor: 1_250, currency: 'EUR' },
        },
      },
    });
    expect(events.map(({ type }) => type)).toEqual(['customer.created', 'conversion.recorded']);
    expect(events[1]?.data).toMatchObject({ after: { amountMinor: '1250', class: 'SALE', orderId: 'o1' } });
  });

  test('records an order once in its class, and says when its amount is another', async () => {
    const first = await sale('buyer', 500, { orderId: 'o1' });
    const again = await sale('buyer', 500, { orderId: 'o1' });
    expect([again.result, idOf(again)]).toEqual(['DUPLICATE', idOf(first)]);
    const other = await sale('buyer', 501, { orderId: 'o1' });
    expect(other).toMatchObject({
      conversion: null,
      userErrors: [{ code: 'CONFLICT', path: ['input', 'orderId'], conflictingId: idOf(first) }],
    });
    const lead = await record({ class: 'LEAD', externalId: 'buyer', orderId: 'o1' });
    expect(lead).toMatchObject({
      result: 'RECORDED',
      conversion: { customer: { salesCount: 1, ltv: { amountMinor: 500 } } },
    });
  });

  test('keeps leads, steps of other kinds and their amounts out of the lifetime value', async () => {
    await record({ class: 'LEAD', externalId: 'buyer', amountMinor: 100 });
    const { conversion } = await record({ class: 'CUSTOM', externalId: 'buyer', name: 'Installed', amountMinor: 7 });
    expect(conversion).toMatchObject({
      name: 'Installed',
      customer: { salesCount: 0, firstSaleAt: null, ltv: { amountMinor: 0 } },
    });
  });

  test('freezes the rate of another currency', async () => {
    const { conversion } = await sale('buyer', 1_999, { currency: 'USD', exchangeRate: '0.9229' });
    expect(conversion).toMatchObject({
      amount: { amountMinor: 1_999, currency: 'USD' },
      baseAmount: { amountMinor: 1_845, currency: 'EUR' },
      exchangeRate: '0.9229',
      customer: { ltv: { amountMinor: 1_845, currency: 'EUR' } },
    });
    expect(await sale('buyer', 1_000, { currency: 'JPY', exchangeRate: '0.0061' })).toMatchObject({
      conversion: { baseAmount: { amountMinor: 610 } },
    });
  });

  test.each<[string, Partial<RecordConversionInput>, string]>([
    ['another currency without a rate', { currency: 'USD' }, 'exchangeRate'],
    ['a rate where there is none', { exchangeRate: '1.1' }, 'exchangeRate'],
    ['a rate of nothing', { currency: 'USD', exchangeRate: '0.000' }, 'exchangeRate'],
    ['a rate that is no number', { currency: 'USD', exchangeRate: '1e3' }, 'exchangeRate'],
    ['a currency that is none', { currency: 'Euro' }, 'currency'],
    ['a negative amount', { amountMinor: -1 }, 'amountMinor'],
    ['an amount beyond all bounds', { amountMinor: '1000000000001' }, 'amountMinor'],
    [
      'an amount beyond all bounds once converted',
      { amountMinor: 10 ** 12, currency: 'USD', exchangeRate: '2' },
      'amountMinor',
    ],
    ['a time to come', { occurredAt: '2999-01-01T00:00:00Z' }, 'occurredAt'],
    ['nobody', { externalId: null }, 'externalId'],
    ['an id together with a name', { customerId: 'ctc_nobody' }, 'customerId'],
    ['a customer that there is not', { externalId: null, customerId: 'ctc_nobody' }, 'customerId'],
    ['a click that there is not', { clickId: 'nothing' }, 'clickId'],
  ])('refuses %s', async (_what, fields, path) => {
    const { conversion, userErrors } = await sale('buyer', 100, fields);
    expect({ conversion, paths: userErrors.map((error) => error.path.join('.')) }).toEqual({
      conversion: null,
      paths: [`input.${path}`],
    });
    expect(await testApp.database.prisma.conversion.count({ where: { workspaceId: desk.workspaceId } })).toBe(0);
  });
});

test('a sale of more things than there are is told the bounds', async () => {
  const { userErrors } = await sale('buyer', 100, { items: -1 });
  expect(userErrors).toMatchObject([
    { path: ['input', 'items'], message: 'Must be a whole number from 0 to 1000000.' },
  ]);
});

describe('refundConversion', () => {
  test('adds negative rows that come to the sale in the end, at its rate', async () => {
    const sold = await sale('buyer', 1_000, {
      orderId: 'o1',
      currency: 'USD',
      exchangeRate: '0.3333',
      status: 'PENDING',
    });
    expect(sold.conversion?.baseAmount.amountMinor).toBe(333);
    const events = await newEvents(testApp, desk, async () => {
      expect(await refund({ orderId: 'o1', amountMinor: 500 })).toMatchObject({
        refund: {
          class: 'SALE',
          status: 'PENDING',
          orderId: null,
          amount: { amountMinor: -500, currency: 'USD' },
          baseAmount: { amountMinor: -167 },
          refundOf: { databaseId: idOf(sold) },
        },
        conversion: { refunds: { totalCount: 1 }, customer: { salesCount: 1, ltv: { amountMinor: 166 } } },
      });
    });
    expect(events.map(({ type, entityId }) => [type, entityId])).toEqual([['conversion.refunded', idOf(sold)]]);
    expect((await refund({ id: idOf(sold), amountMinor: 501 })).userErrors).toMatchObject([
      { code: 'BAD_USER_INPUT', path: ['input', 'amountMinor'], message: 'Only 500 USD are left.' },
    ]);
    expect(await refund({ id: idOf(sold) })).toMatchObject({
      refund: { amount: { amountMinor: -500 }, baseAmount: { amountMinor: -166 } },
      conversion: { customer: { ltv: { amountMinor: 0 } } },
    });
    expect((await refund({ id: idOf(sold) })).userErrors).toHaveLength(1);
    await expectSettled(testApp, desk);
  });

  test('of two who saw the same version, lets one', async () => {
    const key = { id: idOf(await sale('buyer', 1_000)), amountMinor: 100 };
    const both = await Promise.all([refund({ ...key, ifVersion: 1 }), refund({ ...key, ifVersion: 1 })]);
    expect(both.flatMap(({ userErrors }) => userErrors)).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'ifVersion'] },
    ]);
    expect(await refund({ ...key, ifVersion: 2 })).toMatchObject({
      conversion: { version: 3, refunds: { totalCount: 2 } },
    });
  });

  test('refuses leads, refunds, sales that do not count, and times before the sale', async () => {
    const lead = await record({ class: 'LEAD', externalId: 'buyer', amountMinor: 5 });
    const sold = await sale('buyer', 5, { occurredAt: '2026-03-01T00:00:00Z' });
    const codes = async (input: Parameters<typeof refund>[0]) =>
      (await refund(input)).userErrors.map(({ code, path }) => `${code} ${path.join('.')}`);
    expect(await codes({ id: idOf(lead) })).toEqual(['BAD_USER_INPUT input.id']);
    expect(await codes({ id: 'cnv_nothing' })).toEqual(['NOT_FOUND input.id']);
    expect(await codes({ id: idOf(sold), occurredAt: '2026-02-28T00:00:00Z' })).toEqual([
      'BAD_USER_INPUT input.occurredAt',
    ]);
    const { refund: row } = await refund({ id: idOf(sold), amountMinor: 1 });
    expect(await codes({ id: row?.databaseId ?? '' })).toEqual(['BAD_USER_INPUT input.id']);
    await setStatus(idOf(sold), 'FRAUD');
    expect(await codes({ id: idOf(sold) })).toEqual(['CONFLICT input.id']);
  });
});

describe('setConversionStatus', () => {
  test('takes a sale and its refunds out of the lifetime value, and back', async () => {
    const sold = await sale('buyer', 1_000, { occurredAt: '2026-01-01T00:00:00Z' });
    await sale('buyer', 50, { occurredAt: '2026-02-01T00:00:00Z' });
    await refund({ id: idOf(sold), amountMinor: 300 });
    for (const status of ['REFUNDED', 'REJECTED', 'FRAUD'] as const) {
      expect(await setStatus(idOf(sold), status)).toMatchObject({
        result: 'UPDATED',
        conversion: {
          status,
          refunds: { nodes: [{ status }] },
          customer: { salesCount: 1, firstSaleAt: '2026-02-01T00:00:00.000Z', ltv: { amountMinor: 50 } },
        },
      });
    }
    expect(await setStatus(idOf(sold), 'PENDING')).toMatchObject({
      conversion: { customer: { salesCount: 2, firstSaleAt: '2026-01-01T00:00:00.000Z', ltv: { amountMinor: 750 } } },
    });
    expect(await setStatus(idOf(sold), 'PENDING')).toMatchObject({ result: 'UNCHANGED', conversion: { version: 6 } });
    await expectSettled(testApp, desk);
  });

  test('refuses an old version', async () => {
    const sold = await sale('buyer', 1);
    const { setConversionStatus: answer } = await desk.run(setConversionStatus, {
      input: { id: idOf(sold), status: 'FRAUD', ifVersion: 2 },
    });
    expect(answer.userErrors).toEqual([{ code: 'CONFLICT', path: ['input', 'ifVersion'], retryable: true }]);
  });
});

describe('recordConversions', () => {
  const items = (count: number) =>
    Array.from({ length: count }, (_, place) => ({
      class: 'SALE' as const,
      externalId: `c${place % 97}`,
      orderId: `o${place}`,
      amountMinor: place,
    }));
  const recordMany = async (conversions: RecordConversionInput[], errorPolicy: 'ALL_OR_NOTHING' | 'PER_ITEM') =>
    (await desk.run(recordConversions, { input: { conversions, errorPolicy } })).recordConversions;

  test('records a thousand in as many statements as three, and none of them twice', async () => {
    await recordMany(items(1), 'ALL_OR_NOTHING');
    const few = await statementsOf(() => recordMany(items(3), 'ALL_OR_NOTHING'));
    const many = await statementsOf(() => recordMany(items(1_000), 'ALL_OR_NOTHING'));
    expect(many.length).toBe(few.length);
    const again = await recordMany(items(1_000), 'ALL_OR_NOTHING');
    expect(new Set(again.results?.map(({ result }) => result))).toEqual(new Set(['DUPLICATE']));
    expect((await desk.run(ledger, {})).conversions.totalCount).toBe(1_000);
    await expectSettled(testApp, desk);
  });

  test('refuses items one by one, or all of them', async () => {
    const conversions = [
      { class: 'SALE' as const, externalId: 'a', amountMinor: 1, orderId: 'x' },
      { class: 'SALE' as const, externalId: 'b' },
      { class: 'SALE' as const, externalId: 'b', amountMinor: 2, orderId: 'x' },
      { class: 'SALE' as const, externalId: 'a', amountMinor: 1, orderId: 'x' },
    ];
    const wrong = [
      { code: 'BAD_USER_INPUT', path: ['input', 'conversions', '1', 'amountMinor'] },
      { code: 'CONFLICT', path: ['input', 'conversions', '2', 'orderId'] },
    ];
    const all = await recordMany(conversions, 'ALL_OR_NOTHING');
    expect(all).toEqual({ results: null, userErrors: wrong });
    expect((await desk.run(ledger, {})).conversions.totalCount).toBe(0);
    const each = await recordMany(conversions, 'PER_ITEM');
    expect(each.results?.map(({ result }) => result)).toEqual(['RECORDED', null, null, 'DUPLICATE']);
    expect(each.results?.flatMap(({ userErrors }) => userErrors)).toEqual(wrong);
    await expectSettled(testApp, desk);
  });

  test('takes 1 to 1,000', async () => {
    expect((await recordMany([], 'PER_ITEM')).userErrors).toHaveLength(1);
    expect((await recordMany(items(1_001), 'PER_ITEM')).userErrors).toHaveLength(1);
  });
});
