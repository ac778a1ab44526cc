import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../../kit/ask.js';
import { type BigDesk, openBigDesk } from '../../kit/big-desk.js';
import { fillCrowd } from '../../kit/crowd.js';
import { costsOf, expectBounded } from '../../kit/plans.js';

/** What it costs to list and count customers who have an externalId where they are few among many contacts. */

const size = { customers: 8_000, conversations: 0, messages: 0 };
const oneIn = 10;
const page = 20;
const smallMultiple = 5 * (page + 1);

let big: BigDesk;

beforeAll(async () => {
  big = await openBigDesk(async (client, { workspaceId }) => {
    await fillCrowd(client, workspaceId, size);
    await client.query(
      `UPDATE "Customer" SET "deletedAt" = NULL, "externalId" = CASE WHEN substr("id", 5)::int % ${oneIn} = 0 THEN "id" END`,
    );
  });
});
afterAll(() => big?.close());

const costsOfLast = async (document: string) =>
  costsOf(big.client, await big.lastSentFor(document, {}, 'FROM "Customer" AS r'));

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
  expect((await ask(big.testApp, big.desk, document)).data).toEqual({ trackedCustomersCount: size.customers / oneIn });
  for (const cost of await costsOfLast(document)) expectBounded(document, cost, size.customers / oneIn + 1);
});
