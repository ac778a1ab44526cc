import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { creditsOf } from '../../../src/modules/analytics/attribution.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { randomNumbers } from '../../kit/random-operations.js';
import { attribution } from './analytics-documents.js';

const models = ['LAST', 'FIRST', 'LINEAR', 'POSITION', 'DECAY'] as const;
const dayMs = 86_400_000;
const touches = (...days: number[]) => days.map((day) => ({ id: `day ${day}`, at: day * dayMs }));
const credits = (model: (typeof models)[number], amount: bigint, days: number[], soldOn = 100) => {
  const { byTouch, unattributedMinor } = creditsOf(model, 30, touches(...days), [
    { amountMinor: amount, at: soldOn * dayMs },
  ]);
  return [...byTouch.values(), unattributedMinor];
};

describe('credits of one sale', () => {
  test.each<[(typeof models)[number], bigint, number[], bigint[]]>([
    ['LAST', 1_000n, [80, 90, 99], [0n, 0n, 1_000n, 0n]],
    ['FIRST', 1_000n, [80, 90, 99], [1_000n, 0n, 0n, 0n]],
    ['LINEAR', 1_000n, [80, 90, 99], [334n, 333n, 333n, 0n]],
    ['LINEAR', -1_000n, [80, 90, 99], [-334n, -333n, -333n, 0n]],
    ['POSITION', 1_000n, [80, 85, 90, 99], [400n, 100n, 100n, 400n, 0n]],
    ['POSITION', 1_001n, [80, 99], [501n, 500n, 0n]],
    ['POSITION', 1_000n, [99], [1_000n, 0n]],
    ['DECAY', 3_000n, [86, 93], [1_000n, 2_000n, 0n]],
    ['DECAY', 7_000n, [86, 93, 100], [1_000n, 2_000n, 4_000n, 0n]],
    // The window has 30 days, its first moment and that of the sale included.
    ['LINEAR', 1_000n, [69, 70, 100, 101], [500n, 500n, 0n]],
    ['LAST', 1_000n, [69, 101], [1_000n]],
    ['LAST', 1_000n, [], [1_000n]],
  ])('%s of %s for clicks on days %j', (model, amount, days, expected) => {
    expect(credits(model, amount, days)).toEqual(expected);
  });

  test('come to the sales exactly, whatever the model, the clicks and the amounts', () => {
    const random = randomNumbers(11);
    for (let run = 0; run < 600; run += 1) {
      const times = (count: number) =>
        Array.from({ length: Math.floor(random() * count) }, () => Math.floor(random() * 120 * dayMs)).sort(
          (a, b) => a - b,
        );
      const clicks = times(25).map((at, place) => ({ id: String(place), at }));
      const sales = times(12).map((at) => ({ at, amountMinor: BigInt(Math.floor((random() - 0.2) * 1e9)) }));
      for (const model of models) {
        const { byTouch, unattributedMinor } = creditsOf(model, 30, clicks, sales);
        const credited = [...byTouch.values()].reduce((sum, amount) => sum + amount, 0n);
        expect(credited + unattributedMinor).toBe(sales.reduce((sum, { amountMinor }) => sum + amountMinor, 0n));
      }
    }
  });
});

describe('a customer', () => {
  let testApp: TestApp;
  let desk: Desk;
  let id: string;
  beforeAll(async () => {
    testApp = await openTestApp();
    desk = await testApp.createDesk();
    const { campaigns, clicks, conversions, links } = testApp.services;
    const { operator } = desk;
    const at = (day: number) => new Date(Date.UTC(2025, 0, day, 12));
    const spring = await campaigns.create(operator, { name: 'Spring' });
    const banner = await links.create(operator, { url: 'https://a.test/', name: 'Banner', campaignId: spring.id });
    await clicks.record(operator, {
      externalId: 'jane',
      clickId: 'k1',
      linkId: banner.id,
      utmSource: 'mail',
      occurredAt: at(1),
    });
    await clicks.record(operator, { externalId: 'jane', clickId: 'k2', utmSource: 'mail', occurredAt: at(5) });
    await clicks.record(operator, { externalId: 'jane', clickId: 'k3', linkId: banner.id, occurredAt: at(9) });
    const sale = (orderId: string, amountMinor: number, day: number) =>
      conversions.record(operator, { class: 'SALE', externalId: 'jane', orderId, amountMinor, occurredAt: at(day) });
    id = (await sale('o1', 1_000, 10)).conversion.customerId;
    await sale('o2', 100, 80);
    await sale('o3', 5_000, 10);
    await sale('o4', 999, 10);
    await conversions.refund(operator, { orderId: 'o3' });
    await conversions.refund(operator, { orderId: 'o1', amountMinor: 1 });
    await conversions.setStatus(operator, { orderId: 'o4', status: 'FRAUD' });
  });
  afterAll(() => testApp.close());

  test('shows who gets the credit, by click, link, campaign and source', async () => {
    const { customer } = await desk.run(attribution, { id, model: 'LINEAR' });
    const amount = (amountMinor: number) => ({ amountMinor });
    expect(customer).toEqual({
      ltv: amount(1_099),
      attribution: {
        model: 'LINEAR',
        windowDays: 30,
        revenue: amount(1_099),
        unattributed: amount(100),
        clicks: ['k1', 'k2', 'k3'].map((externalId) => ({ amount: amount(333), click: { externalId } })),
        links: [
          { amount: amount(666), link: { name: 'Banner' } },
          { amount: amount(333), link: null },
        ],
        campaigns: [
          { amount: amount(666), campaign: { name: 'Spring' } },
          { amount: amount(333), campaign: null },
        ],
        sources: [
          { amount: amount(666), source: 'mail' },
          { amount: amount(333), source: 'direct' },
        ],
      },
    });
  });

  test('has the last click credited when nothing else is asked for', async () => {
    const { customer } = await desk.run(attribution, { id });
    expect(customer?.attribution).toMatchObject({ model: 'LAST', unattributed: { amountMinor: 100 } });
    expect(customer?.attribution.clicks.map(({ amount }) => amount.amountMinor)).toEqual([0, 0, 999]);
  });

  test.each(models)('has credits by %s that come to the lifetime value', async (model) => {
    const { customer } = await desk.run(attribution, { id, model });
    const found = customer?.attribution;
    for (const list of [found?.clicks, found?.links, found?.campaigns, found?.sources]) {
      const credited = (list ?? []).reduce((sum, { amount }) => sum + Number(amount.amountMinor), 0);
      expect(credited + Number(found?.unattributed.amountMinor)).toBe(customer?.ltv.amountMinor);
    }
  });
});
