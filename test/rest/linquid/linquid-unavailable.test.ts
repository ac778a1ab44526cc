import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Desk } from '../../kit/app.js';
import { createTestDatabase, type TestDatabase } from '../../kit/database.js';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { prefixes } from '../../kit/linquid.js';
import { type DatabaseProxy, openProxy } from '../../kit/proxy.js';
import { call } from '../../kit/rest.js';

/** What the callers of the heavy reads are told when the figures cannot be had. */

let testDatabase: TestDatabase;
let proxy: DatabaseProxy;
let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  proxy = await openProxy(testDatabase.connection);
  server = await startTestServer({ connection: proxy.connection });
  desk = await server.createDesk();
  await server.services.customers.upsert(desk.operator, { externalId: 'usr_jane' });
});
afterAll(async () => {
  await server.close();
  await proxy.close();
  await testDatabase.drop();
});

const heavy = prefixes.flatMap((prefix) =>
  ['/cohorts?group_by=source', '/ltv-cohorts', '/ext_usr_jane/journey', '/ext_usr_jane/attribution'].map(
    (path) => `${prefix}${path}`,
  ),
);

/** Does it to the database itself. */
async function alter(statement: string): Promise<void> {
  const client = new pg.Client(testDatabase.connection);
  await client.connect();
  await client.query(statement);
  await client.end();
}

test.each([
  [['Click', 'Conversion', 'CohortRevenue'], heavy],
  // Cohorts may be answered by what was computed before.
  [['Customer'], heavy.filter((path) => path.includes('usr_jane'))],
])('a query of %j that fails is an error of analytics, until it works again', async (tables, paths) => {
  await alter(tables.map((table) => `ALTER TABLE "${table}" RENAME TO "${table} away"`).join(';'));
  for (const path of paths) {
    const { status, body } = await call(server, desk, path);
    expect({ path, status, body }).toEqual({
      path,
      status: 500,
      body: {
        success: false,
        error: 'ANALYTICS_ERROR',
        code: 'ANALYTICS_ERROR',
        message: 'The figures could not be computed.',
        statusCode: 500,
      },
    });
  }
  await alter(tables.map((table) => `ALTER TABLE "${table} away" RENAME TO "${table}"`).join(';'));
  for (const path of paths) expect((await call(server, desk, path)).status).toBe(200);
});

test('without a database they are told when to come back', async () => {
  await proxy.close();
  for (const path of heavy) {
    await expect
      .poll(() => call(server, desk, path))
      .toMatchObject({
        status: 503,
        body: { success: false, error: 'SERVICE_UNAVAILABLE', code: 'SERVICE_UNAVAILABLE', statusCode: 503 },
      });
    expect((await call(server, desk, path)).headers.get('retry-after')).toBe('2');
  }
  await proxy.open();
  for (const path of heavy) await expect.poll(() => call(server, desk, path)).toMatchObject({ status: 200 });
});
