import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sql } from '../../../src/db/database.js';
import { newId } from '../../../src/db/ids.js';
import { memoryStore } from '../../../src/lib/process/cache.js';
import { cachedReads, type HeavyReads } from '../../../src/modules/analytics/heavy.reads.js';
import { outboxStates } from '../../../src/modules/events/outbox.state.js';
import { outboxWatermark, type Watermark } from '../../../src/modules/events/outbox.watermark.js';
import { type Desk, openTestApp, post, type TestApp } from '../../kit/app.js';
import { testConnection } from '../../kit/connection.js';
import { createTestDatabase, type TestDatabase } from '../../kit/database.js';
import { statementsOf } from '../../kit/statements.js';

/** The reads that go through much of a workspace, and are kept for a short time. */

let testDatabase: TestDatabase;
let testApp: TestApp;
/** Another gateway on the same database. */
let other: TestApp;
let desk: Desk;
let customerId: string;
let campaignId: string;

beforeAll(async () => {
  // An outbox of its own: the places that others take in it move the state's name on now and then.
  testDatabase = await createTestDatabase();
  const { connection } = testDatabase;
  [testApp, other] = await Promise.all([openTestApp({ connection }), openTestApp({ connection })]);
});
beforeEach(async () => {
  desk = await testApp.createDesk();
  const { operator } = desk;
  const { campaigns, clicks, conversions, customers } = testApp.services;
  ({ id: campaignId } = await campaigns.create(operator, { name: 'Spring' }));
  customerId = (await customers.upsert(operator, { externalId: 'jane' })).customer.id;
  await clicks.record(operator, {
    customerId,
    campaignId,
    clickId: 'k1',
    occurredAt: new Date('2025-01-01T10:00:00Z'),
  });
  const sale = { class: 'SALE', customerId, orderId: 'o1', occurredAt: new Date('2025-01-02T11:12:13.456Z') } as const;
  await conversions.record(operator, { ...sale, amountMinor: 999_999_999_999 });
});
afterAll(async () => {
  await Promise.all([testApp?.close(), other?.close()]);
  await testDatabase?.drop();
});

const sales = 'amountMinor currency';
const reads = {
  customerCohorts: `{ customerCohorts(groupBy: CAMPAIGN) { label customers revenue { ${sales} } } }`,
  ltvCohorts: `{ ltvCohorts(months: 2) { startsOn customers months { index revenue { ${sales} } retention } } }`,
  journey: `query ($id: ID!) { customer(id: $id) { journey { totalCount pageInfo { endCursor }
    nodes { kind occurredAt click { externalId } conversion { amount { ${sales} } } } } } }`,
  attribution: `query ($id: ID!) { customer(id: $id) { attribution(model: LINEAR) { revenue { ${sales} }
    clicks { amount { ${sales} } click { externalId } } } } }`,
};
const names = Object.keys(reads) as (keyof typeof reads)[];

/** The data of an answer as it was sent, and what its header says of the cache. */
async function send(document: string, { app = testApp.app, as = desk, id = customerId } = {}) {
  const { headers, body } = await post(app, document, { id }, as.key);
  if (body.errors) throw new Error(JSON.stringify(body));
  return { data: JSON.stringify(body.data), cache: headers.get('x-cache') };
}

/** The statements that compute, not those that look whether they must. */
const computing = (statements: readonly string[]) =>
  statements.filter(
    (text) => /"Conversion"|"Click"|width_bucket|GROUP BY/.test(text) && !/"DomainEvent" AS e/.test(text),
  );

describe.each(names)('%s', (name) => {
  test('is computed once, and answered the same again', async () => {
    const first = await send(reads[name]);
    expect(first.cache).toBe('miss');
    const again = { ...first, cache: 'hit' };
    for (let run = 1; run <= 3; run += 1) expect(await send(reads[name])).toEqual(again);
  });

  test('is never older than what was written before, by whichever process', async () => {
    const { operator } = desk;
    const { campaigns, clicks, conversions, conversations, customers, messages } = other.services;
    const occurredAt = new Date('2025-02-01T00:00:00Z');
    const writes = [
      () => conversions.record(operator, { class: 'SALE', customerId, orderId: 'o2', amountMinor: 5, occurredAt }),
      () => conversions.refund(operator, { orderId: 'o2', amountMinor: 1 }),
      () => conversions.setStatus(operator, { orderId: 'o1', status: 'FRAUD' }),
      () => clicks.record(operator, { customerId, clickId: 'k2', occurredAt }),
      () => customers.update(operator, { id: customerId, name: 'Jane' }),
      () => campaigns.update(operator, { id: campaignId, name: 'Summer' }),
      async () => {
        const { conversation } = await conversations.start(operator, {
          contactId: customerId,
          source: 'CHAT',
          text: 'Hello',
        });
        await messages.add(operator, { conversationId: conversation.id, text: 'And more', direction: 'INBOUND' });
      },
    ];
    for (const write of writes) {
      await send(reads[name]);
      expect((await send(reads[name])).cache).toBe('hit');
      await write();
      // What is computed without any cache is what must be told.
      const fresh = await openTestApp({ connection: testDatabase.connection });
      const expected = (await send(reads[name], { app: fresh.app })).data;
      await fresh.close();
      expect(await send(reads[name])).toEqual({ data: expected, cache: 'miss' });
    }
  });

  test('is for those alone who may see it', async () => {
    await send(reads[name]);
    const { body } = await post(
      testApp.app,
      reads[name],
      { id: customerId },
      (await desk.withScopes('customers:read')).key,
    );
    expect(body.errors?.map(({ extensions }) => extensions?.code)).toContain('FORBIDDEN');
    await testApp.database.prisma.workspace.update({ where: { id: desk.workspaceId }, data: { entitlements: [] } });
    const { body: refused } = await post(testApp.app, reads[name], { id: customerId }, desk.key);
    expect(refused.errors?.map(({ extensions }) => extensions?.code)).toContain('ENTITLEMENT_REQUIRED');
  });

  test('of many who ask at once is computed for one', async () => {
    await send('{ customersCount }');
    const sent = await statementsOf(() => send(reads[name]));
    await testApp.services.customers.upsert(desk.operator, { externalId: 'john' });
    const statements = await statementsOf(() => Promise.all(Array.from({ length: 8 }, () => send(reads[name]))));
    // Only what the cache does not keep is read for each: the objects that an answer names.
    const once = (all: readonly string[]) => computing(all).filter((text) => !/ = ANY|"id" = \$/.test(text));
    expect(once(statements).length).toBe(once(sent).length);
  });
});

test('a recalculation that moves nothing but the time of the first sale is seen', async () => {
  const { workspaceId } = desk;
  const move = { where: { workspaceId, id: customerId }, data: { acquiredAt: new Date('2020-01-01T00:00:00Z') } };
  await testApp.database.prisma.customer.updateMany(move);
  const before = await send(reads.ltvCohorts);
  await other.services.analytics.recalculate(desk.operator, { id: customerId });
  const after = await send(reads.ltvCohorts);
  expect([before.data.includes('2020-01-01'), after.data.includes('2025-01-01')]).toEqual([true, true]);
});

describe('the header', () => {
  test('says miss when any of the reads was one, and nothing when there was none', async () => {
    const both = '{ customerCohorts(groupBy: WEEK) { key } ltvCohorts { label } }';
    expect((await send('{ ltvCohorts { label } }')).cache).toBe('miss');
    expect((await send(both)).cache).toBe('miss');
    expect((await send(both)).cache).toBe('hit');
    expect((await send('{ customersCount }')).cache).toBeNull();
  });

  test('is told of customers on a list, of whom those are computed who are not known', async () => {
    const list = '{ customers { nodes { attribution { model } } } }';
    expect((await send(list)).cache).toBe('miss');
    expect((await send(list)).cache).toBe('hit');
  });
});

describe('a key of the cache', () => {
  test('has all that an answer depends on', async () => {
    const ask = async (selection: string) =>
      (await send(`query ($id: ID!) { customer(id: $id) { ${selection} } }`)).cache;
    const fields = (args: string) => [
      ...['LAST', 'FIRST'].map((model) => `attribution(model: ${model}) { windowDays }`),
      ...['', 'oldestFirst: true, ', 'kinds: [CLICK], '].map((more) => `journey(${more}${args}) { nodes { kind } }`),
    ];
    const asked = [...new Set(['first: 1', 'last: 1', 'first: 2'].flatMap(fields))];
    for (const field of asked) expect([field, await ask(`id ${field}`)]).toEqual([field, 'miss']);
    for (const field of asked) expect([field, await ask(`id ${field}`)]).toEqual([field, 'hit']);
    const args = ['groupBy: WEEK', 'groupBy: SOURCE', 'start: "2025-01-01"', 'end: "2025-01-01"'];
    for (const arg of args) expect((await send(`{ customerCohorts(${arg}) { key } }`)).cache).toBe('miss');
    await testApp.database.prisma.workspace.update({
      where: { id: desk.workspaceId },
      data: { timezone: 'Asia/Kolkata', attributionWindowDays: 7 },
    });
    for (const arg of args) expect((await send(`{ customerCohorts(${arg}) { key } }`)).cache).toBe('miss');
    expect(await ask('attribution(model: LAST) { windowDays }')).toBe('miss');
  });

  test('is of one workspace, whatever the state of its outbox', async () => {
    const { reads: own } = readsOver();
    const answers = await Promise.all(
      [desk.workspaceId, 'wrk_other'].map((id) => own.read(id, [['name']], async () => [id])),
    );
    expect(answers.map(([answered]) => answered?.answer)).toEqual([desk.workspaceId, 'wrk_other']);
  });

  test('lets a key see only the kinds that it may read', async () => {
    await send(reads.journey);
    const limited = await desk.withScopes('customers:read', 'analytics:read');
    const kinds = '{ customer(externalId: "jane") { journey { nodes { kind } } } }';
    await send(kinds);
    expect((await send(kinds, { as: limited })).data).not.toContain('CLICK');
  });
});

/** Reads of our own over the database, with or without a store of their own. */
function readsOver(watermark: Watermark = outboxWatermark(testApp.database), store = memoryStore()) {
  return { reads: cachedReads(outboxStates(testApp.database, watermark), store), store };
}

describe('what is kept', () => {
  test('comes back exactly: bigints, times, nulls', async () => {
    const { reads: own } = readsOver();
    const value = { amount: -(2n ** 70n), at: new Date('1996-12-30T23:59:59.999Z'), none: null, list: [1n, 'ä'] };
    const read = () => own.read(desk.workspaceId, [['value']], async () => [value]);
    expect(await read()).toEqual([{ answer: value, isHit: false }]);
    expect(await read()).toEqual([{ answer: value, isHit: true }]);
  });

  test('is nothing that failed, and who asks next computes', async () => {
    const { reads: own } = readsOver();
    const fail = () => own.read(desk.workspaceId, [['value']], () => Promise.reject(new Error('division by zero')));
    await expect(Promise.all([fail(), fail()])).rejects.toMatchObject({ code: 'ANALYTICS_ERROR' });
    const read = () => own.read(desk.workspaceId, [['value']], async () => [1]);
    expect([await read(), await read()]).toMatchObject([[{ isHit: false }], [{ isHit: true }]]);
  });

  test('is nothing that cannot be read, which is computed anew', async () => {
    const store = memoryStore();
    const broken = { ...store, read: async (keys: readonly string[]) => keys.map(() => Buffer.from('nonsense')) };
    const { reads: own } = readsOver(undefined, broken);
    expect(await own.read(desk.workspaceId, [['value']], async () => [1])).toEqual([{ answer: 1, isHit: false }]);
  });

  test('is no more than the memory that it may take', async () => {
    const store = memoryStore({ bytes: 100_000 });
    const keys = Array.from({ length: 1_000 }, (_, place) => `key ${place}`);
    for (const key of keys) store.write([[key, Buffer.alloc(1_000)]]);
    const found = (await store.read(keys)).filter((bytes) => bytes !== undefined);
    expect(found.length).toBeGreaterThan(50);
    expect(found.length).toBeLessThanOrEqual(100);
    // The ones that were used last.
    expect((await store.read(keys.slice(-50))).every((bytes) => bytes !== undefined)).toBe(true);
    store.write([['large', Buffer.alloc(100_001)]]);
    expect(await store.read(['large'])).toEqual([undefined]);
  });

  test.each([
    ['is found while nothing is known of the watermark', undefined, true],
    ['is found with a watermark that lies far back', 100n, true],
    ['is not found when the watermark has moved on, as names say how far', 5_000n, false],
  ])('%s', async (_what, settled, isHit) => {
    const watermark = { ...outboxWatermark(testApp.database), look: async () => undefined, settled: () => undefined };
    const { reads: before, store } = readsOver(watermark);
    const { reads: after } = readsOver(
      { ...watermark, look: async () => settled, settled: () => settled } as never,
      store,
    );
    await before.read(desk.workspaceId, [['value']], async () => [1]);
    expect(await after.read(desk.workspaceId, [['value']], async () => [1])).toEqual([{ answer: 1, isHit }]);
  });

  test('is nothing while there are too many events to be counted', async () => {
    const { reads: own } = readsOver();
    await testApp.database.prisma.$executeRaw(sql`INSERT INTO "DomainEvent" ("workspaceId", "id", "type", "entityId", "data")
      SELECT ${desk.workspaceId}, 'evt_' || n, 'customer.updated', 'ctc_1', '{}' FROM generate_series(1, 12000) AS n`);
    const stuck = { ...outboxWatermark(testApp.database), look: async () => 1n, settled: () => 1n };
    const read = (reads: HeavyReads) => reads.read(desk.workspaceId, [['value']], async () => [1]);
    const { reads: behind } = readsOver(stuck);
    expect([await read(behind), await read(behind)]).toMatchObject([[{ isHit: false }], [{ isHit: false }]]);
    await expect.poll(async () => (await read(own))[0]?.isHit).toBe(true);
  });
});

// The embedded database has one backend: while a transaction is under way, nobody else is heard.
if (testConnection().connectionString) {
  test('a change that took its place earlier and is committed later is seen, and those before it are kept', async () => {
    const client = new pg.Client(testDatabase.connection);
    await client.connect();
    try {
      const { conversions } = testApp.services;
      await send(reads.ltvCohorts);
      await client.query('BEGIN; LOCK TABLE "DomainEvent" IN ROW EXCLUSIVE MODE');
      const seq = (await client.query(`SELECT nextval('"DomainEvent_seq_seq"') AS seq`)).rows[0]?.seq;
      await conversions.record(desk.operator, { class: 'SALE', customerId, orderId: 'late', amountMinor: 1 });
      const before = await send(reads.ltvCohorts);
      expect([before.cache, (await send(reads.ltvCohorts)).cache]).toEqual(['miss', 'hit']);
      await client.query(
        `INSERT INTO "DomainEvent" ("workspaceId", "id", "seq", "type", "entityId", "data")
         VALUES ($1, $2, $3, 'conversion.status_changed', 'cnv_1', '{}')`,
        [desk.workspaceId, newId('DomainEvent'), seq],
      );
      await client.query(`UPDATE "Conversion" SET "status" = 'FRAUD' WHERE "workspaceId" = $1 AND "orderId" = 'o1'`, [
        desk.workspaceId,
      ]);
      expect((await send(reads.ltvCohorts)).data).toEqual(before.data);
      await client.query('COMMIT');
      const after = await send(reads.ltvCohorts);
      expect(after.cache).toBe('miss');
      expect(after.data).not.toEqual(before.data);
    } finally {
      await client.end();
    }
  });
}

test('a mutation under an idempotency key tells of the cache when it is done, and not when it is repeated', async () => {
  const query = `mutation { updateCustomer(input: { id: "${customerId}", name: "J" }) { customer { attribution { model } } } }`;
  const { graphql } = testApp.app;
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${desk.key}`,
    'idempotency-key': 'one',
  };
  const init = { method: 'POST', headers, body: JSON.stringify({ query }) };
  const told: (string | null)[] = [];
  for (let time = 1; time <= 2; time += 1) {
    const response = await graphql.fetch('http://deskgraph.test/graphql', init);
    told.push(response.headers.get('x-cache'), await response.text());
  }
  expect(told).toEqual(['miss', told[1], null, told[1]]);
});
