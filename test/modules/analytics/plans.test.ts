import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../../src/db/database.js';
import type { Listing } from '../../../src/db/lists/keyset.js';
import { listingOf } from '../../../src/db/lists/listing.js';
import { encodeCursor } from '../../../src/db/lists/ordering.js';
import { uncached } from '../../../src/modules/analytics/heavy.reads.js';
import { type JourneyKind, journeyKinds, journeyLoaders } from '../../../src/modules/analytics/journey.loaders.js';
import { campaignList } from '../../../src/modules/campaign/campaign.fields.js';
import { clickList } from '../../../src/modules/click/click.fields.js';
import { conversionList } from '../../../src/modules/conversion/conversion.fields.js';
import { linkList } from '../../../src/modules/link/link.fields.js';
import { type BigDesk, openBigDesk } from '../../kit/big-desk.js';
import { fillCrowd } from '../../kit/crowd.js';
import { costsOf, expectBounded } from '../../kit/plans.js';
import { fillShop } from './revenue-crowd.js';

/** What the lists of revenue and the journey cost when there is much of everything, as test/db/lists/plans.test.ts has it. */

const size = { customers: 3_000, conversations: 6_000, messages: 12_000 };
const page = 20;
/** A page, the row that tells of a further one, and what a list itself drops on the way. */
const smallMultiple = 5 * (page + 1);

let big: BigDesk;

beforeAll(async () => {
  big = await openBigDesk(async (client, desk, testApp) => {
    const other = await testApp.createDesk('Beside');
    for (const { workspaceId } of [other, desk]) {
      await fillCrowd(client, workspaceId, size);
      await fillShop(client, workspaceId, size.customers);
    }
    await client.query('SELECT "deskgraph_mend_cohorts"("id") FROM "Workspace"');
  });
});
afterAll(() => big?.close());

/** The cursor of the row that has half of the list before it. */
async function middle<Row extends { id: string }>({ table, where, ordering }: Listing<Row>): Promise<string> {
  const conditions = where.reduce((all, one) => sql`${all} AND ${one}`);
  const [[count] = [0]] = await big.testApp.database.read(
    sql`SELECT count(*)::int FROM ${table.name} AS r WHERE ${conditions}`,
  );
  expect(count).toBeGreaterThan(10 * page);
  const [values = []] =
    await big.testApp.database.read(sql`SELECT ${table.project().select('r')} FROM ${table.name} AS r
    WHERE ${conditions} ORDER BY ${ordering.key.expression}, r."id" OFFSET ${Math.floor((count as number) / 2)} LIMIT 1`);
  return encodeCursor(ordering, table.project().row(values));
}

type Direction = 'ASC' | 'DESC';

interface List {
  title: string;
  /** The list with its arguments, within the document. */
  wrap(list: string): string;
  name: string;
  table: string;
  listing(orderBy: { field: never; direction: Direction }): Listing<never>;
}

const workspaceId = () => big.desk.workspaceId;
const root = (list: string) => list;
const of = (parent: string) => (list: string) => `${parent} { ${list} }`;
const ofJane = of('customer(id: "ctc_0")');
const clicksWhere = (filter: object) => (orderBy: never) =>
  listingOf(clickList, workspaceId(), { orderBy, filter }) as never;
const conversionsWhere = (filter: object) => (orderBy: never) =>
  listingOf(conversionList, workspaceId(), { orderBy, filter }) as never;

const lists: List[] = [
  {
    title: 'campaigns',
    name: 'campaigns(',
    table: 'Campaign',
    wrap: root,
    listing: (orderBy) => listingOf(campaignList, workspaceId(), { orderBy }) as never,
  },
  {
    title: 'links',
    name: 'links(',
    table: 'Link',
    wrap: root,
    listing: (orderBy) => listingOf(linkList, workspaceId(), { orderBy }) as never,
  },
  {
    title: 'links of a campaign',
    name: 'links(filter: { campaignId: { eq: "cmp_0" } } ',
    table: 'Link',
    wrap: root,
    listing: (orderBy) =>
      listingOf(linkList, workspaceId(), { orderBy, filter: { campaignId: { eq: 'cmp_0' } } }) as never,
  },
  { title: 'clicks', name: 'clicks(', table: 'Click', wrap: root, listing: clicksWhere({}) as never },
  {
    title: 'clicks of a campaign',
    name: 'clicks(filter: { campaignId: { eq: "cmp_0" } } ',
    table: 'Click',
    wrap: root,
    listing: clicksWhere({ campaignId: { eq: 'cmp_0' } }) as never,
  },
  {
    title: 'Link.clicks',
    name: 'clicks(',
    table: 'Click',
    wrap: of('link(id: "lnk_0")'),
    listing: clicksWhere({ linkId: { eq: 'lnk_0' } }) as never,
  },
  {
    title: 'Customer.clicks',
    name: 'clicks(',
    table: 'Click',
    wrap: ofJane,
    listing: clicksWhere({ customerId: { eq: 'ctc_0' } }) as never,
  },
  {
    title: 'conversions',
    name: 'conversions(',
    table: 'Conversion',
    wrap: root,
    listing: conversionsWhere({}) as never,
  },
  {
    title: 'Customer.conversions',
    name: 'conversions(',
    table: 'Conversion',
    wrap: ofJane,
    listing: conversionsWhere({ customerId: { eq: 'ctc_0' } }) as never,
  },
];

const pagesAt = (cursor: string) => ({
  first: { first: page },
  last: { last: page },
  after: { first: page, after: cursor },
  before: { last: page, before: cursor },
});

describe('a page costs the same wherever it lies:', () => {
  const cases = lists.flatMap((list) => (['ASC', 'DESC'] as const).map((direction) => ({ ...list, direction })));
  test.each(cases)('$title $direction', async ({ title, name, table, wrap, listing, direction }) => {
    const field = table === 'Campaign' || table === 'Link' ? 'CREATED_AT' : 'OCCURRED_AT';
    const cursor = await middle(listing({ field: field as never, direction }));
    const document = `query ($orderBy: ${table}Order, $first: Int, $last: Int, $after: String, $before: String) {
      ${wrap(`${name}orderBy: $orderBy, first: $first, last: $last, after: $after, before: $before) { nodes { databaseId } }`)}
    }`;
    for (const [place, args] of Object.entries(pagesAt(cursor))) {
      const statement = await big.lastSentFor(document, { ...args, orderBy: { field, direction } }, `"${table}"`);
      for (const cost of await costsOf(big.client, statement)) {
        expectBounded(`${title} ${direction}, ${place}`, cost, smallMultiple);
      }
    }
  });
});

describe('a page of the journey costs the same wherever it lies:', () => {
  const alone = journeyKinds.filter((kind) => kind !== 'MESSAGE');
  /** One look into each conversation of the customer; the messages that it gives are what is sorted. */
  const perConversation = (page + 2) * (size.conversations / 10 + 2);
  const cases = (
    [
      ...alone.map((kind) => ({ kinds: [kind], most: smallMultiple })),
      { kinds: alone, most: alone.length * smallMultiple },
      { kinds: journeyKinds, most: perConversation },
    ] as { kinds: readonly JourneyKind[]; most: number }[]
  ).flatMap((one) => [true, false].map((oldestFirst) => ({ ...one, oldestFirst })));
  test.each(cases)('$kinds, oldest first: $oldestFirst', async ({ kinds, most, oldestFirst }) => {
    const args = {
      kinds,
      direction: oldestFirst ? ('ASC' as const) : ('DESC' as const),
      first: 1,
      days: { timezone: 'UTC' },
    };
    const { page: some } = await journeyLoaders({
      db: big.testApp.database,
      workspaceId: big.desk.workspaceId,
      heavyReads: uncached,
    })
      .ofCustomer(args)
      .load('ctc_0');
    const [first] = some.answer.rows;
    if (!first) throw new Error('The journey is empty.');
    const day = 24 * 60 * 60_000;
    const cursor = encodeCursor(some.answer.ordering, {
      ...first,
      occurredAt: new Date(Date.UTC(2026, 0, 1) + 2 * day),
    });
    const document = `query ($kinds: [JourneyKind!], $oldestFirst: Boolean, $first: Int, $last: Int, $after: String, $before: String) {
      customer(id: "ctc_0") {
        journey(kinds: $kinds, oldestFirst: $oldestFirst, first: $first, last: $last, after: $after, before: $before) { nodes { kind } }
      }
    }`;
    for (const [place, at] of Object.entries(pagesAt(cursor))) {
      const statement = await big.lastSentFor(document, { ...at, kinds, oldestFirst }, '"kind"');
      for (const cost of await costsOf(big.client, statement)) {
        expectBounded(`${kinds} ${oldestFirst}, ${place}`, cost, most);
      }
    }
  });
});

test('looking whether an answer is kept costs a look at the end of the outbox', async () => {
  const statement = await big.lastSentFor('{ ltvCohorts { label } }', {}, '"newest"');
  // No more than are counted, all of them while transactions run that began before the gateway.
  for (const cost of await costsOf(big.client, statement)) expectBounded('the state of the outbox', cost, 10_100);
});

test('cohorts are read as the sums that are kept, however many customers and sales there are', async () => {
  const kept = (name: string) => `SELECT * FROM "${name}" WHERE "workspaceId" = $1`;
  const sums = `${kept('CohortRevenue')} UNION ALL SELECT $1, "isIdentified", "cohort", "place", "customers", "amountMinor"
    FROM (${kept('CohortRevenueChange')}) AS c`;
  const { rowCount } = await big.client.query(sums, [big.desk.workspaceId]);
  expect(rowCount).toBeGreaterThan(0);
  const statement = await big.lastSentFor('{ ltvCohorts(months: 24) { label } }', {}, '"CohortRevenue"');
  for (const cost of await costsOf(big.client, statement))
    expectBounded('the sums of cohorts', cost, 2 * (rowCount ?? 0));
});
