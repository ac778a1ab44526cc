import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask, expectRefusals } from '../../kit/ask.js';
import { fillDesk } from '../../kit/story.js';

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
  await fillDesk(testApp, desk, { customers: 25, conversationsEach: 7, messagesEach: 1 });
  const { prisma } = testApp.database;
  await prisma.message.createMany({
    data: Array.from({ length: 22 }, (_, place) => ({
      workspaceId: desk.workspaceId,
      id: `msg_more_${String(place).padStart(2, '0')}`,
      conversationId: 'thd_0000_0000',
      direction: 'INBOUND' as const,
      text: 'x',
      preview: 'x',
      status: 'RECEIVED' as const,
      sentAt: new Date(Date.UTC(2026, 3, 1, 0, 0, Math.floor(place / 4))),
    })),
  });
});
afterAll(() => testApp.close());

/** A connection: where it hangs, its order type with the fields of it, and how many rows it has. */
interface Subject {
  name: string;
  path: readonly string[];
  open: string;
  orderType: string;
  orders: readonly string[];
  rows: number;
}

const conversationOrders = ['LAST_MESSAGE_AT', 'CREATED_AT', 'UPDATED_AT'];
const customerOrders = [
  'CREATED_AT',
  'UPDATED_AT',
  'LAST_ACTIVITY_AT',
  'NAME',
  'CONVERSATION_COUNT',
  'LTV',
  'FIRST_SALE_AT',
];
const subjects: Subject[] = [
  { name: 'customers', path: ['customers'], open: '', orderType: 'CustomerOrder', orders: customerOrders, rows: 25 },
  { name: 'contacts', path: ['contacts'], open: '', orderType: 'CustomerOrder', orders: customerOrders, rows: 25 },
  {
    name: 'conversations',
    path: ['conversations'],
    open: '',
    orderType: 'ConversationOrder',
    orders: conversationOrders,
    rows: 175,
  },
  { name: 'agents', path: ['agents'], open: '', orderType: 'AgentOrder', orders: ['CREATED_AT'], rows: 3 },
  { name: 'channels', path: ['channels'], open: '', orderType: 'ChannelOrder', orders: ['CREATED_AT'], rows: 3 },
  {
    name: 'Customer.conversations',
    path: ['customer', 'conversations'],
    open: 'customer(id: "ctc_0003")',
    orderType: 'ConversationOrder',
    orders: conversationOrders,
    rows: 7,
  },
  {
    name: 'Contact.conversations',
    path: ['contact', 'conversations'],
    open: 'contact(id: "ctc_0003")',
    orderType: 'ConversationOrder',
    orders: conversationOrders,
    rows: 7,
  },
  {
    name: 'Agent.assignedConversations',
    path: ['node', 'assignedConversations'],
    open: 'node(id: "agt_1") { ... on Agent',
    orderType: 'ConversationOrder',
    orders: conversationOrders,
    rows: 25,
  },
  {
    name: 'Conversation.messages',
    path: ['conversation', 'messages'],
    open: 'conversation(id: "thd_0000_0000")',
    orderType: 'MessageOrder',
    orders: ['SENT_AT'],
    rows: 23,
  },
];

interface Page {
  totalCount: number;
  edges: { cursor: string; node: { databaseId: string } }[];
  nodes: { databaseId: string }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

interface PageArguments {
  first?: number;
  last?: number;
  after?: string | null;
  before?: string | null;
  orderBy?: { field: string; direction: string };
}

function documentOf({ path, open, orderType }: Subject): string {
  const connection = `${path.at(-1)}(first: $first, last: $last, after: $after, before: $before, orderBy: $orderBy) {
    totalCount edges { cursor node { databaseId } } nodes { databaseId }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }`;
  const closing = '}'.repeat(open.split('{').length - (open === '' ? 1 : 0));
  return `query ($first: Int, $last: Int, $after: String, $before: String, $orderBy: ${orderType}) {
    ${open} ${open === '' ? '' : '{'} ${connection} ${closing}
  }`;
}

async function read(subject: Subject, args: PageArguments): Promise<Page> {
  const body = await ask(testApp, desk, documentOf(subject), args);
  const page = subject.path.reduce<unknown>(
    (value, name) => (value as Record<string, unknown> | null)?.[name],
    body.data,
  );
  if (!page) throw new Error(JSON.stringify(body));
  return page as Page;
}

const idsOf = (page: Page): string[] => page.edges.map(({ node }) => node.databaseId);
const most = 100;

/** Every row in pages of `size`, from the start or from the end, each page checked in itself. */
async function walk(subject: Subject, size: number, backwards: boolean, orderBy: { field: string; direction: string }) {
  let ids: string[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < 100; pages += 1) {
    const page: Page = await read(
      subject,
      backwards ? { last: size, before: cursor, orderBy } : { first: size, after: cursor, orderBy },
    );
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
    expect(page.nodes).toEqual(page.edges.map(({ node }) => node));
    expect([startCursor, endCursor]).toEqual([page.edges[0]?.cursor ?? null, page.edges.at(-1)?.cursor ?? null]);
    expect(page.totalCount).toBe(subject.rows);
    expect(backwards ? hasNextPage : hasPreviousPage).toBe(cursor !== null);
    ids = backwards ? [...idsOf(page), ...ids] : [...ids, ...idsOf(page)];
    if (!(backwards ? hasPreviousPage : hasNextPage)) return ids;
    cursor = backwards ? startCursor : endCursor;
  }
  throw new Error(`${subject.name} has no end.`);
}

const ordered = subjects.flatMap((subject) =>
  subject.orders.flatMap((field) =>
    ['ASC', 'DESC'].map((direction) => [subject.name, field, direction, subject] as const),
  ),
);

describe('pages over ties give every row exactly once, forwards and backwards alike', () => {
  test.each(ordered)('%s by %s %s', async (_name, field, direction, subject) => {
    const orderBy = { field, direction };
    const forwards = await walk(subject, 4, false, orderBy);
    expect(new Set(forwards).size).toBe(subject.rows);
    expect(forwards).toHaveLength(subject.rows);
    expect(await walk(subject, 4, true, orderBy)).toEqual(forwards);
    expect(await walk(subject, most, false, orderBy)).toEqual(forwards);
    expect(await walk(subject, most, true, orderBy)).toEqual(forwards);
  });

  test.each(subjects.flatMap((subject) => subject.orders.map((field) => [subject.name, field, subject] as const)))(
    '%s by %s DESC is ASC read backwards',
    async (_name, field, subject) => {
      const descending = await walk(subject, most, false, { field, direction: 'DESC' });
      expect(descending.reverse()).toEqual(await walk(subject, most, false, { field, direction: 'ASC' }));
    },
  );
});

describe.each(subjects.map((subject) => [subject.name, subject] as const))('%s', (_name, subject) => {
  const orderBy = { field: subject.orders[0] ?? '', direction: 'ASC' };

  test('gives the rows between two cursors, from either end', async () => {
    const { edges } = await read(subject, { first: most, orderBy });
    const [after, before] = [edges[0]?.cursor ?? null, edges[Math.min(edges.length, 7) - 1]?.cursor ?? null];
    const between = edges.slice(1, Math.min(edges.length, 7) - 1).map(({ node }) => node.databaseId);
    expect(idsOf(await read(subject, { first: most, after, before, orderBy }))).toEqual(between);
    expect(idsOf(await read(subject, { last: most, after, before, orderBy }))).toEqual(between);
    expect(idsOf(await read(subject, { first: 1, after, before, orderBy }))).toEqual(between.slice(0, 1));
    expect(idsOf(await read(subject, { last: 1, after, before, orderBy }))).toEqual(between.slice(-1));
    expect(idsOf(await read(subject, { first: 2, before, orderBy }))).toEqual(
      edges.slice(0, 2).map(({ node }) => node.databaseId),
    );
  });

  test('is empty behind its last row and before its first', async () => {
    const { edges } = await walkEdges(subject, orderBy);
    const empty = { edges: [], nodes: [], totalCount: subject.rows, pageInfo: { startCursor: null, endCursor: null } };
    expect(await read(subject, { first: 5, after: edges.at(-1)?.cursor ?? null, orderBy })).toMatchObject({
      ...empty,
      pageInfo: { hasNextPage: false, hasPreviousPage: true },
    });
    expect(await read(subject, { last: 5, before: edges[0]?.cursor ?? null, orderBy })).toMatchObject({
      ...empty,
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
    });
  });

  test('refuses cursors of another order and direction', async () => {
    const cursor = (await read(subject, { first: 1, orderBy })).pageInfo.endCursor;
    const others = [
      ...subject.orders.slice(1).map((field) => ({ field, direction: 'ASC' })),
      { ...orderBy, direction: 'DESC' },
    ];
    for (const other of others) {
      for (const name of ['after', 'before']) {
        const expected = [{ code: 'BAD_USER_INPUT', argument: name }];
        await expectRefusals(testApp, desk, documentOf(subject), { [name]: cursor, orderBy: other }, expected);
      }
    }
  });
});

async function walkEdges(
  subject: Subject,
  orderBy: { field: string; direction: string },
): Promise<Pick<Page, 'edges'>> {
  const start = await read(subject, { first: 1, orderBy });
  const end = await read(subject, { last: 1, orderBy });
  return { edges: [...start.edges, ...end.edges] };
}

describe('an offset', () => {
  const document = `query ($first: Int, $last: Int, $after: String, $before: String, $offset: Int, $orderBy: CustomerOrder) {
    customers(first: $first, last: $last, after: $after, before: $before, offset: $offset, orderBy: $orderBy) {
      totalCount nodes { databaseId } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;
  const readAt = async (args: PageArguments & { offset: number }): Promise<Omit<Page, 'edges'>> => {
    const body = await ask(testApp, desk, document, args);
    const { customers } = body.data as { customers: Omit<Page, 'edges'> };
    return customers;
  };

  test('passes over rows of the same order', async () => {
    for (const orderBy of [
      { field: 'CREATED_AT', direction: 'DESC' },
      { field: 'NAME', direction: 'ASC' },
    ]) {
      const { nodes } = await readAt({ first: most, offset: 0, orderBy });
      expect(nodes).toHaveLength(25);
      for (const offset of [0, 1, 10, 20, 24, 25, 10_000]) {
        const page = await readAt({ first: 10, offset, orderBy });
        expect(page).toMatchObject({
          nodes: nodes.slice(offset, offset + 10),
          totalCount: 25,
          pageInfo: { hasNextPage: offset + 10 < 25, hasPreviousPage: offset > 0 },
        });
      }
    }
  });

  test('leads to cursors that go on from there', async () => {
    const { nodes } = await readAt({ first: most, offset: 0 });
    const { pageInfo } = await readAt({ first: 5, offset: 5 });
    const body = await ask(testApp, desk, document, { first: 5, after: pageInfo.endCursor });
    expect(body.data).toMatchObject({ customers: { nodes: nodes.slice(10, 15) } });
  });

  test('is refused beyond its bounds, and beside cursors', async () => {
    const { startCursor } = (await readAt({ first: 1, offset: 0 })).pageInfo;
    const refused = [{ code: 'BAD_USER_INPUT', argument: 'offset' }];
    for (const offset of [-1]) await expectRefusals(testApp, desk, document, { offset }, refused);
    for (const other of [{ after: startCursor }, { before: startCursor }, { last: 5 }]) {
      await expectRefusals(testApp, desk, document, { offset: 5, ...other }, refused);
    }
  });
});
