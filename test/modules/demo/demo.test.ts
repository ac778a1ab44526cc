import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoKeys, seedDemo } from '../../../src/modules/demo/demo.seed.js';
import { graphql } from '../../generated/gql.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { createTestDatabase, type TestDatabase } from '../../kit/database.js';

/** What the demo workspace has to show of revenue. */

const Cohorts = graphql(`
  query DemoCohorts {
    months: customerCohorts(groupBy: MONTH, start: "2024-07-01", end: "2025-01-31") { label customers converters revenue { amountMinor } }
    campaigns: customerCohorts(groupBy: CAMPAIGN, end: "2025-01-31") { label customers }
    ltvCohorts(months: 12, end: "2025-01-31") {
      label
      months { cumulativeRevenue { amountMinor currency } }
    }
  }
`);

const Jane = graphql(`
  query DemoJane {
    customer(externalId: "usr_01J8X3Y") {
      ltv { amountMinor }
      journey(first: 100, kinds: [CLICK, CONVERSION]) { nodes { kind occurredAt conversion { class amount { amountMinor } } } }
      attribution { revenue { amountMinor } unattributed { amountMinor } campaigns { campaign { name } amount { amountMinor } } }
    }
  }
`);

const now = new Date('2025-01-20T12:00:00Z');
let testDatabase: TestDatabase;
let testApp: TestApp;
let demo: DemoKeys | null;
let desk: Desk;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  testApp = await openTestApp({ connection: testDatabase.connection });
  demo = await seedDemo(testApp.database, now);
  desk = testApp.deskOf('wrk_demo', demo?.keys[0]?.key ?? '');
});
afterAll(async () => {
  await testApp.close();
  await testDatabase.drop();
});

test('has half a year of cohorts, whose months come to their revenue', async () => {
  const { months, campaigns, ltvCohorts } = await desk.run(Cohorts);
  expect(months.map(({ label, customers }) => [label, customers])).toEqual([
    ['2024-07', 5],
    ['2024-08', 8],
    ['2024-09', 6],
    ['2024-10', 10],
    ['2024-11', 9],
    ['2024-12', 11],
    ['2025-01', 6],
  ]);
  expect(months.every(({ converters }) => converters > 0)).toBe(true);
  expect(campaigns.map(({ label }) => label).sort()).toEqual([
    '(none)',
    'Partner newsletter',
    'Search ads',
    'Spring launch',
  ]);
  const sums = ltvCohorts.map(
    (cohort) => cohort.months.findLast((month) => month.cumulativeRevenue)?.cumulativeRevenue,
  );
  expect(sums).toEqual(months.map(({ revenue }) => ({ ...revenue, currency: 'EUR' })));
});

test('tells a journey with a refund, nothing of which lies ahead', async () => {
  const { customer } = await desk.run(Jane);
  const entries = customer?.journey.nodes ?? [];
  expect(entries.filter(({ conversion }) => conversion?.class === 'SALE').length).toBeGreaterThan(3);
  expect(entries.some(({ conversion }) => conversion?.amount.amountMinor === -800)).toBe(true);
  const sales = entries.filter(({ conversion }) => Number(conversion?.amount.amountMinor) > 0);
  expect(sales.every(({ occurredAt }) => new Date(occurredAt) <= now)).toBe(true);
  expect(customer?.attribution.revenue).toEqual(customer?.ltv);
  expect(customer?.attribution.campaigns.length).toBeGreaterThan(0);
});

test('is made once, with keys that may read all of it', async () => {
  expect(await seedDemo(testApp.database, now)).toBeNull();
  expect(demo?.keys).toHaveLength(2);
  for (const { key } of demo?.keys ?? []) await testApp.deskOf('wrk_demo', key).run(Cohorts);
});

test('has the same figures each time', async () => {
  const other = await createTestDatabase();
  const otherApp = await openTestApp({ connection: other.connection });
  const again = await seedDemo(otherApp.database, now);
  const figures = await desk.run(Cohorts);
  expect(await otherApp.deskOf('wrk_demo', again?.keys[1]?.key ?? '').run(Cohorts)).toEqual(figures);
  await otherApp.close();
  await other.drop();
});
