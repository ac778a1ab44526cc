import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Answer, type Desk, openTestApp, post, type TestApp } from '../../kit/app.js';
import { testConnection } from '../../kit/connection.js';
import { createTestDatabase, type TestDatabase } from '../../kit/database.js';
import { type DatabaseProxy, openProxy } from '../../kit/proxy.js';

/** What the heavy reads of analytics answer when their database is lost, and when their statements fail. */

let testDatabase: TestDatabase;
let testApp: TestApp;
let desk: Desk;
let id: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  testApp = await openTestApp({ connection: testDatabase.connection });
  desk = await testApp.createDesk();
  ({
    customer: { id },
  } = await testApp.services.customers.upsert(desk.operator, { externalId: 'jane' }));
});
afterAll(async () => {
  await testApp?.close();
  await testDatabase?.drop();
});

/** Each read, words that only its statement has, and a table and a column that it reads. */
const reads: [name: string, document: string, words: string, table: string, column: string][] = [
  ['customerCohorts', '{ customerCohorts { key } }', 'width_bucket', 'Customer', 'createdAt'],
  ['customerCohorts by source', '{ customerCohorts(groupBy: SOURCE) { key } }', 'DISTINCT ON', 'Click', 'customerId'],
  ['ltvCohorts', '{ ltvCohorts { label } }', 'CohortRevenue', 'CohortRevenue', 'cohort'],
  ['ltvCohorts of days', '{ ltvCohorts(start: "2020-01-02") { label } }', 'width_bucket', 'Customer', 'createdAt'],
  [
    'journey',
    'query ($id: ID!) { customer(id: $id) { journey { nodes { kind } } } }',
    'CROSS JOIN LATERAL',
    'Click',
    'customerId',
  ],
  [
    'journey, counted',
    'query ($id: ID!) { customer(id: $id) { journey { totalCount } } }',
    'SELECT count(*) FROM "Click"',
    'Click',
    'customerId',
  ],
  [
    'attribution',
    'query ($id: ID!) { customer(id: $id) { attribution { windowDays } } }',
    'refundOfId',
    'Click',
    'customerId',
  ],
];

const send = (document: string, app: TestApp['app']) => post(app, document, { id }, desk.key);
const told = ({ status, headers, body: { errors = [] } }: Answer) => ({
  status,
  retryAfter: headers.get('retry-after'),
  errors: errors.map(({ message, extensions }) => ({ message, extensions })),
});

const well = { status: 200, retryAfter: null, errors: [] };
const unavailable = {
  status: 503,
  retryAfter: '2',
  errors: [
    {
      message: 'Analytics are not available right now; try again in a few seconds.',
      extensions: { code: 'SERVICE_UNAVAILABLE', retryable: true },
    },
  ],
};
const failed = {
  status: 200,
  retryAfter: null,
  errors: [{ message: 'The figures could not be computed.', extensions: { code: 'ANALYTICS_ERROR' } }],
};

describe('a database that is lost', () => {
  let proxy: DatabaseProxy;
  /** A gateway whose database can be taken away. */
  let gateway: TestApp;
  beforeEach(async () => {
    proxy = await openProxy(testDatabase.connection);
    gateway = await openTestApp({ connection: proxy.connection });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await gateway.close();
    await proxy.close();
  });

  test.each(reads)(
    'in the middle of %s is SERVICE_UNAVAILABLE, and the next one is answered',
    async (_name, document, words) => {
      const broken = proxy.breakAfter(words);
      expect(told(await send(document, gateway.app))).toEqual(unavailable);
      await broken;
      expect(told(await send(document, gateway.app))).toEqual(well);
    },
  );

  test.each(['{ customerCohorts { key } }', '{ ltvCohorts { label } }'])(
    'before %s is SERVICE_UNAVAILABLE',
    async (document) => {
      // A key is known for a moment, which lasts until the database is away.
      vi.useFakeTimers({ toFake: ['Date'] });
      expect(told(await send('{ viewer { kind } }', gateway.app))).toEqual(well);
      await proxy.close();
      expect(told(await send(document, gateway.app))).toEqual(unavailable);
      vi.useRealTimers();
      await proxy.open();
      await expect.poll(async () => told(await send(document, gateway.app))).toEqual(well);
    },
  );
});

describe('a statement that fails', () => {
  let client: pg.Client;
  let gateway: TestApp;
  beforeEach(async () => {
    client = new pg.Client(testDatabase.connection);
    await client.connect();
    // Nothing is prepared and nothing is kept there.
    gateway = await openTestApp({ connection: testDatabase.connection });
  });
  afterEach(async () => {
    await gateway.close();
    await client.end();
  });

  /** Does something while a column is not where statements look for it. */
  async function without(table: string, column: string, work: () => Promise<void>): Promise<void> {
    await client.query(`ALTER TABLE "${table}" RENAME COLUMN "${column}" TO "elsewhere"`);
    try {
      await work();
    } finally {
      await client.query(`ALTER TABLE "${table}" RENAME COLUMN "elsewhere" TO "${column}"`);
    }
  }

  test.each(reads)('of %s is ANALYTICS_ERROR, says nothing more, and is not kept', async (...read) => {
    const [, document, , table, column] = read;
    await without(table, column, async () => {
      for (let run = 1; run <= 2; run += 1) expect(told(await send(document, gateway.app))).toEqual(failed);
    });
    expect(told(await send(document, gateway.app))).toEqual(well);
  });

  test('leaves the rest of the answer as it is', async () => {
    await without('Click', 'occurredAt', async () => {
      const { body } = await send(
        'query ($id: ID!) { viewer { kind } customer(id: $id) { attribution { model } } }',
        gateway.app,
      );
      expect(body).toMatchObject({
        data: { viewer: { kind: 'API_USER' }, customer: null },
        errors: [{ path: ['customer', 'attribution'], extensions: { code: 'ANALYTICS_ERROR' } }],
      });
    });
  });
});

// The embedded database has one backend for everybody, which cannot be kept waiting or be ended alone.
if (testConnection().connectionString) {
  describe('a connection to a server that computes', () => {
    let client: pg.Client;
    beforeEach(async () => {
      client = new pg.Client(testDatabase.connection);
      await client.connect();
    });
    afterEach(() => client.end());

    /** The backend that waits until the table is free again; asked for outside of the transaction that sees no others. */
    const waiting = async (): Promise<number | undefined> => {
      const { rows } = await testApp.database.pool.query(`SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%"CohortRevenue"%'`);
      return rows[0]?.pid;
    };

    test.each([
      ['is ended', 'pg_terminate_backend'],
      ['is told to stop, as a time limit does', 'pg_cancel_backend'],
    ])('that %s is SERVICE_UNAVAILABLE, and the next one is answered', async (_what, what) => {
      await client.query('BEGIN; LOCK TABLE "CohortRevenue" IN ACCESS EXCLUSIVE MODE');
      const answer = send('{ ltvCohorts(months: 3) { label } }', testApp.app);
      await expect.poll(waiting).toBeDefined();
      await testApp.database.pool.query(`SELECT ${what}($1)`, [await waiting()]);
      expect(told(await answer)).toEqual(unavailable);
      await client.query('ROLLBACK');
      expect(told(await send('{ ltvCohorts(months: 3) { label } }', testApp.app))).toEqual(well);
      await testApp.services.customers.upsert(desk.operator, { externalId: 'john', name: String(Math.random()) });
    });
  });
}
