import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';
import { fillCrowd } from '../../kit/crowd.js';
import { createTestDatabase, type TestDatabase } from '../../kit/database.js';
import { costsOf, expectBounded } from '../../kit/plans.js';
import { sentBy } from '../../kit/statements.js';

/** What it costs to list and count customers who have an externalId where they are few among many contacts. */

const size = { customers: 8_000, conversations: 0, messages: 0 };
const oneIn = 10;
const page = 20;
const smallMultiple = 5 * (page + 1);

let testDatabase: TestDatabase;
let testApp: TestApp;
let client: pg.Client;
let desk: Desk;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  testApp = await openTestApp({ connection: testDatabase.connection });
  desk = await testApp.createDesk('Big');
  client = new pg.Client(testDatabase.connection);
  await client.connect();
  await fillCrowd(client, desk.workspaceId, size);
  await client.query(
    `UPDATE "Customer" SET "deletedAt" = NULL, "externalId" = CASE WHEN substr("id", 5)::int % ${oneIn} = 0 THEN "id" END`,
  );
  await client.query('VACUUM ANALYZE');
  // As the pool's connections have it.
  await client.query('SET jit = off');
});
afterAll(async () => {
  await client?.end();
  await testApp?.close();
  await testDatabase?.drop();
});

async function costsOfLast(document: string) {
  const sent = await sentBy(async () => {
    const { errors } = await ask(testApp, desk, document);
    if (errors) throw new Error(JSON.stringify(errors));
  });
  const last = sent.filter(({ text }) => text.includes('FROM "Customer" AS r')).at(-1);
  if (!last) throw new Error('No such statement was sent.');
  return costsOf(client, last);
}

const identified = 'filter: { externalId: { isNull: false } }';

describe.each(['ASC', 'DESC'])('in the order of creation %s', (direction) => {
  const orderBy = `orderBy: { field: CREATED_AT, direction: ${direction} }`;
  test.each([
    `trackedCustomers(first: ${page}, ${orderBy})`,
    `trackedCustomers(last: ${page}, ${orderBy})`,
    `customers(first: ${page}, ${orderBy}, ${identified})`,
  ])('a page reads little more than itself: %s', async (list) => {
    for (const cost of await costsOfLast(`{ ${list} { nodes { databaseId name } } }`)) {
      expectBounded(list, cost, smallMultiple);
    }
  });
});

test('a count reads those whom it counts', async () => {
  const document = '{ trackedCustomersCount }';
  expect((await ask(testApp, desk, document)).data).toEqual({ trackedCustomersCount: size.customers / oneIn });
  for (const cost of await costsOfLast(document)) expectBounded(document, cost, size.customers / oneIn + 1);
});
