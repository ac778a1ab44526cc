import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../../src/db/database.js';
import type { Listing } from '../../../src/db/lists/keyset.js';
import { listingOf } from '../../../src/db/lists/listing.js';
import { encodeCursor } from '../../../src/db/lists/ordering.js';
import { conversationList } from '../../../src/modules/conversation/conversation.fields.js';
import { mostContacts } from '../../../src/modules/conversation/lookup/conversation.search.js';
import { messageList } from '../../../src/modules/conversation/message/message.fields.js';
import { customerList } from '../../../src/modules/customer/customer.fields.js';
import { ask } from '../../kit/ask.js';
import { type BigDesk, openBigDesk } from '../../kit/big-desk.js';
import { fillCrowd } from '../../kit/crowd.js';
import { costOf, costsOf, expectBounded } from '../../kit/plans.js';
import {
  boundedOtherwise,
  contacts,
  conversations,
  customers,
  deskQueries,
  type List,
  messages,
  page,
  served,
  servedFilters,
  size,
  smallMultiple,
} from './plan-cases.js';

/**
 * What the statements of lists and searches cost when there is much of everything: the plans of the very statements
 * that the graph sends, with their values, run on rows by the ten thousand.
 */

let big: BigDesk;

beforeAll(async () => {
  big = await openBigDesk(async (client, desk, testApp) => {
    const other = await testApp.createDesk('Beside');
    await fillCrowd(client, other.workspaceId, { customers: 1_000, conversations: 3_000, messages: 6_000 });
    await fillCrowd(client, desk.workspaceId, size);
  });
});
afterAll(() => big?.close());

const documentOf = ({ name, wrap, orderType, filterType }: List): string =>
  `query ($filter: ${filterType}, $orderBy: ${orderType}, $first: Int, $last: Int, $after: String, $before: String) {
    ${wrap(`${name}(filter: $filter, orderBy: $orderBy, first: $first, last: $last, after: $after, before: $before) { nodes { databaseId } }`)}
  }`;

/** A cursor in the middle of the workspace's rows in this order. */
async function middleOf({ orderType }: List, field: string, direction: 'ASC' | 'DESC'): Promise<string> {
  const { workspaceId } = big.desk;
  const args = { orderBy: { field: field as never, direction } };
  if (orderType === 'CustomerOrder') return middle(listingOf(customerList, workspaceId, args), size.customers);
  if (orderType === 'MessageOrder') return middle(listingOf(messageList, workspaceId, args), size.messages);
  return middle(listingOf(conversationList, workspaceId, args), size.conversations);
}

async function middle<Row extends { id: string }>({ table, ordering }: Listing<Row>, rows: number): Promise<string> {
  const [values = []] =
    await big.testApp.database.read(sql`SELECT ${table.project().select('r')} FROM ${table.name} AS r
    WHERE r."workspaceId" = ${big.desk.workspaceId} ORDER BY ${ordering.key.expression}, r."id" OFFSET ${rows / 2} LIMIT 1`);
  return encodeCursor(ordering, table.project().row(values));
}

function middleByDefault(list: List): Promise<string> {
  if (list === messages) return middleOf(list, 'SENT_AT', 'ASC');
  return middleOf(list, list === contacts ? 'LAST_ACTIVITY_AT' : (list.orders[0] ?? ''), 'DESC');
}

describe('a page costs the same wherever it lies:', () => {
  const cases = served.flatMap(({ title, list, orders }) =>
    orders.flatMap((field) => (['ASC', 'DESC'] as const).map((direction) => ({ title, list, field, direction }))),
  );
  test.each(cases)('$title by $field $direction', async ({ title, list, field, direction }) => {
    const cursor = await middleOf(list, field, direction);
    const pages = {
      first: { first: page },
      last: { last: page },
      after: { first: page, after: cursor },
      before: { last: page, before: cursor },
    };
    for (const [place, args] of Object.entries(pages)) {
      const statement = await big.lastSentFor(documentOf(list), { ...args, orderBy: { field, direction } });
      for (const cost of await costsOf(big.client, statement)) {
        expectBounded(`${title} by ${field} ${direction}, ${place}`, cost, smallMultiple);
      }
    }
  });
});

test.each([
  ['latest messages', conversations, 'subject messages(last: 3) { nodes { text } }', '"Message"'],
  ['latest conversation', customers, 'name latestConversation { subject }', '"Conversation"'],
] as const)('a page with the %s of each row reads these and no others', async (_what, list, selection, table) => {
  const document = `query ($after: String) { ${list.name}(first: ${page}, after: $after) { nodes { ${selection} } } }`;
  for (const after of [null, await middleByDefault(list)]) {
    const statement = await big.lastSentFor(document, { after });
    expect(statement.text).toContain(table);
    for (const cost of await costsOf(big.client, statement)) expectBounded(document, cost, smallMultiple + page * 4);
  }
});

const titled = (list: List, filter: object): string => `${list.name} ${JSON.stringify(filter)}`;

describe('a filter reads little more than the page:', () => {
  test.each(servedFilters.map(([list, filter]) => ({ title: titled(list, filter), list, filter })))(
    '$title',
    async ({ title, list, filter }) => {
      for (const after of [null, await middleByDefault(list)]) {
        const statement = await big.lastSentFor(documentOf(list), { first: page, after, filter });
        for (const cost of await costsOf(big.client, statement)) expectBounded(title, cost, smallMultiple);
      }
    },
  );

  test.each(deskQueries.map(([list, filter, most]) => ({ title: titled(list, filter), list, filter, most })))(
    '$title',
    async ({ title, list, filter, most }) => {
      for (const after of [null, await middleByDefault(list)]) {
        const statement = await big.lastSentFor(documentOf(list), { first: page, after, filter });
        expect(statement.prepared, 'a plan for any words would be kept').toBe(false);
        for (const cost of await costsOf(big.client, statement)) expectBounded(title, cost, most);
      }
    },
  );
});

test.each(['030 20000', '+49 (30) 1234'])(
  'the phone number %s is found by the index, also for the shortest page',
  async (query) => {
    for (const list of [customers, contacts]) {
      const statement = await big.lastSentFor(documentOf(list), { first: 1, filter: { query } });
      for (const cost of await costsOf(big.client, statement)) expectBounded(query, cost, smallMultiple);
    }
  },
);

describe('the server keeps the plans of', () => {
  test.each([
    [
      'the inbox',
      '{ conversations { nodes { contact { name } assignee { name } messages(last: 3) { nodes { text } } } } }',
    ],
    ['customers with their latest conversation', '{ customers { nodes { name latestConversation { subject } } } }'],
    [
      'one conversation with its messages',
      '{ conversation(id: "thd_7") { subject messages(last: 50) { nodes { text } } } }',
    ],
    [
      'the conversations of few agents',
      '{ agents(first: 2) { nodes { assignedConversations { nodes { subject } } } } }',
    ],
    ['one object', '{ node(id: "thd_7") { id } }'],
  ])('%s', (_what, document) => expectKept(document));

  test('pages behind a cursor', async () => {
    const after = await middleOf(conversations, 'LAST_MESSAGE_AT', 'DESC');
    await expectKept(`{ conversations(after: "${after}") { nodes { subject } } }`);
    await expectKept(`{ conversations(last: 20, before: "${after}") { nodes { subject } } }`);
  });

  /** The server looks at the values of five runs before it may keep a plan for any. */
  async function expectKept(document: string): Promise<void> {
    const statements = await big.sentFor(document);
    expect(statements.length).toBeGreaterThan(0);
    for (const { text, values } of statements) {
      const name = randomUUID();
      for (let run = 1; run <= 8; run += 1) await big.client.query({ name, text, values: [...values] });
      const { rows } = await big.client.query(
        // The embedded server puts a prefix before the names, by which it tells connections apart.
        `SELECT custom_plans::int, generic_plans::int FROM pg_prepared_statements WHERE name LIKE '%' || $1`,
        [name],
      );
      expect(rows, text).toEqual([{ custom_plans: 5, generic_plans: 3 }]);
    }
  }
});

describe('what no index serves is bounded otherwise:', () => {
  test.each(boundedOtherwise)('$because: $list.name $variables', async ({ because, list, variables, most }) => {
    const statement = await big.lastSentFor(documentOf(list), { first: page, ...variables });
    for (const cost of await costsOf(big.client, statement)) expectBounded(because, cost, most);
  });
});

describe('a search reads the newest rows and what an index on words names:', () => {
  const newest = 1_000;
  const ranked = 200;
  // Contacts by their words are read in the order of their activity or sorted, whichever is less, as a list of them is.
  const contactsRead = Math.ceil(Math.sqrt(mostContacts * size.customers));
  test.each([
    'hello',
    'hel',
    'invoice',
    'zebra',
    'hello zebra',
    'good invoice',
    'ada',
    'Adaa',
    'person77@example.com',
    'nobody',
    '+1 (415) 777-0288',
    '退款',
    'thd_77',
  ])('%s', async (query) => {
    const groups = 'contacts { score } conversations { score } messages { score }';
    const statements = await big.sentFor(`query ($query: String!) { search(query: $query) { ${groups} } }`, { query });
    expect(statements.length).toBeGreaterThanOrEqual(3);
    for (const statement of statements) {
      const most = newest + ranked + (/unnest|"customerId"/.test(statement.text) ? contactsRead : 0);
      expectBounded(query, await costOf(big.client, statement), most);
    }
  });
});

/** The tickets of the REST shim: conversations of any state, the newest first. */
const tickets = (filter: string) =>
  `conversations(first: $first, offset: $offset, orderBy: { field: CREATED_AT, direction: DESC }, filter: ${filter})`;
const anyState = '{ status: { in: [OPEN, CLOSED, ARCHIVED] } }';

describe('a page by number reads what it passes over, and no more:', () => {
  test.each(['customers(first: $first, offset: $offset)', tickets(anyState)])('%s', async (list) => {
    const offset = 200;
    const document = `query ($first: Int, $offset: Int) { ${list} { nodes { databaseId } } }`;
    const statement = await big.lastSentFor(document, { first: page, offset });
    for (const cost of await costsOf(big.client, statement)) expectBounded(list, cost, 4 * (offset + page));
  });
});

describe('a count of what an index names reads no more than that:', () => {
  test.each([
    ['customers(first: 0, filter: { tags: { hasAll: ["vip"] } })'],
    ['conversations(first: 0, filter: { customerId: { eq: "ctc_7" }, status: { in: [OPEN, CLOSED, ARCHIVED] } })'],
    ['conversations(first: 0, filter: { assigneeId: { eq: "agt_1" }, status: { eq: OPEN } })'],
  ])('%s', async (list) => {
    const document = `{ ${list} { totalCount } }`;
    const { data } = await ask(big.testApp, big.desk, document);
    const [{ totalCount } = { totalCount: 0 }] = Object.values(data as Record<string, { totalCount: number }>);
    for (const cost of await costsOf(big.client, await big.lastSentFor(document))) {
      expectBounded(list, cost, 2 * totalCount + smallMultiple);
    }
  });
});
