import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';
import { fillCrowd } from '../../kit/crowd.js';
import { statementsOf } from '../../kit/statements.js';
import { fillShop } from './revenue-crowd.js';

/** How many statements an operation over revenue costs must depend on what it asks, not on how many rows there are. */

let testApp: TestApp;
let small: Desk;
let large: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
  small = await fill('Two of each', 4);
  large = await fill('Many of each', 200);
  // The first of these reads in a process looks how far the outbox can be read.
  await ask(testApp, small, '{ customerCohorts { customers } }');
});
afterAll(() => testApp.close());

async function fill(name: string, count: number): Promise<Desk> {
  const desk = await testApp.createDesk(name);
  const client = await testApp.database.pool.connect();
  try {
    await fillCrowd(client, desk.workspaceId, { customers: count, conversations: count, messages: count });
    const shop = { campaigns: count, links: count, clicks: count, conversions: count, events: count };
    await fillShop(client, desk.workspaceId, count, shop);
    // Each comes of a click, and is refunded in part.
    await client.query(`UPDATE "Conversion" SET "clickId" = replace("id", 'cnv', 'clk') WHERE "workspaceId" = $1`, [
      desk.workspaceId,
    ]);
    await client.query(
      `INSERT INTO "Conversion" ("workspaceId", "id", "customerId", "class", "status", "amountMinor", "currency", "rate",
         "baseAmountMinor", "occurredAt", "refundOfId")
       SELECT "workspaceId", 'ref_' || "id", "customerId", "class", "status", -1, "currency", "rate", -1, "occurredAt" - interval '30 seconds', "id"
       FROM "Conversion" WHERE "workspaceId" = $1`,
      [desk.workspaceId],
    );
  } finally {
    client.release();
  }
  return desk;
}

/** What an operation asks for, and the most statements that it may cost, that of the entitlement among them. */
const operations: [what: string, most: number, document: string][] = [
  ['campaigns', 2, '{ campaigns(first: 100) { nodes { name } } }'],
  ['campaigns, counted', 3, '{ campaigns(first: 100) { totalCount nodes { name } } }'],
  ['links with their campaigns', 3, '{ links(first: 100) { nodes { url campaign { name } } } }'],
  [
    'the clicks of each link, counted',
    4,
    '{ links(first: 100) { nodes { clicks(first: 2) { totalCount nodes { source } } } } }',
  ],
  [
    'clicks with link, campaign and customer',
    5,
    '{ clicks(first: 100) { nodes { source link { url } campaign { name } customer { name } } } }',
  ],
  [
    'conversions with click, customer and what they refund',
    5,
    '{ conversions(first: 100) { nodes { amount { amountMinor } baseAmount { amountMinor } click { source } customer { name } refundOf { orderId } } } }',
  ],
  [
    'the refunds of each conversion',
    3,
    '{ conversions(first: 100, filter: { isRefund: false }) { nodes { refunds { nodes { amount { amountMinor } } } } } }',
  ],
  [
    'the clicks of each customer, counted',
    4,
    '{ customers(first: 100) { nodes { clicks(first: 2) { totalCount nodes { source } } } } }',
  ],
  [
    'the conversions of each customer, counted',
    4,
    '{ customers(first: 100) { nodes { conversions(first: 2) { totalCount nodes { orderId } } } } }',
  ],
  [
    'the journey of each customer with all that it names',
    10,
    '{ customers(first: 100) { nodes { journey(first: 20) { nodes { occurredAt click { source } conversion { orderId } conversation { subject } message { text } change } } } } }',
  ],
  [
    'the attribution of each customer with all that it names',
    8,
    '{ customers(first: 100) { nodes { attribution(model: LINEAR) { clicks { click { source } } links { link { url } } campaigns { campaign { name } } } } } }',
  ],
  [
    'the volume of a period',
    6,
    '{ supportVolume { conversations customers days { date conversations } countries { country visits } } }',
  ],
  ['cohorts by campaign', 4, '{ customerCohorts(groupBy: CAMPAIGN) { customers campaign { name } } }'],
];

/** Those of one run, in which nothing is known from before. */
async function countOf(desk: Desk, document: string): Promise<number> {
  await testApp.services.customers.upsert(desk.operator, { externalId: 'usr_0', name: String(Math.random()) });
  const statements = await statementsOf(async () => {
    const body = await ask(testApp, desk, document);
    if (body.errors) throw new Error(JSON.stringify(body));
  });
  return statements.length;
}

test.each(operations)(
  '%s: as many statements for few rows as for a hundred (at most %i)',
  async (_what, most, document) => {
    const counts: number[] = [];
    for (let run = 1; run <= 3; run += 1) {
      counts.push(await countOf(large, document));
      counts.push(await countOf(small, document));
    }
    expect(new Set(counts).size, `statements of each run: ${counts}`).toBe(1);
    expect(Math.max(...counts)).toBeLessThanOrEqual(most);
  },
);

test('the sums of a customer are computed anew by one statement behind that which locks it', async () => {
  const { customer } = await testApp.services.customers.upsert(small.operator, { externalId: 'usr_recalculated' });
  const statements = await statementsOf(() =>
    testApp.services.analytics.recalculate(small.operator, { id: customer.id }),
  );
  expect(statements.map((text) => /^\w+/.exec(text)?.[0])).toEqual(['SELECT', 'UPDATE']);
});
