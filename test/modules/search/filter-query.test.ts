import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';
import { statementsOf } from '../../kit/statements.js';
import { fillDesk } from '../../kit/story.js';

/** `filter.query`: the words that a list is asked for, with its other conditions, order and pages as they are. */

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
  await fillDesk(testApp, desk, { customers: 90, conversationsEach: 1, messagesEach: 1 });
  const { prisma } = testApp.database;
  const { workspaceId } = desk;
  for (let place = 0; place < 90; place += 3) {
    const id = String(place).padStart(4, '0');
    await prisma.customer.update({
      where: { workspaceId_id: { workspaceId, id: `ctc_${id}` } },
      data: { name: `Zoé ${place}`, status: place % 2 === 0 ? 'ACTIVE' : 'SUSPENDED' },
    });
    await prisma.conversation.update({
      where: { workspaceId_id: { workspaceId, id: `thd_${id}_0000` } },
      data: { subject: `Zoology ${place}`, status: place % 2 === 0 ? 'OPEN' : 'CLOSED' },
    });
  }
  await prisma.message.createMany({
    data: Array.from({ length: 90 }, (_, place) => ({
      workspaceId,
      id: `msg_zoo_${String(place).padStart(2, '0')}`,
      conversationId: 'thd_0000_0000',
      direction: place % 2 === 0 ? ('INBOUND' as const) : ('OUTBOUND' as const),
      text: place % 3 === 0 ? `The zoo, visit ${place}` : `A museum, visit ${place}`,
      preview: '',
      status: 'RECEIVED' as const,
      sentAt: new Date(Date.UTC(2026, 3, 1, 0, Math.floor(place / 4))),
    })),
  });
});
afterAll(() => testApp.close());

interface List {
  name: string;
  /** The list with its arguments, within the document. */
  wrap(list: string): string;
  path: string[];
  filterType: string;
  orderType: string;
  orders: string[];
  /** A further condition that half of the matches meet. */
  half: object;
}

const atRoot = (list: string) => list;
const lists: List[] = [
  {
    name: 'customers',
    wrap: atRoot,
    path: ['customers'],
    filterType: 'CustomerFilter',
    orderType: 'CustomerOrder',
    orders: ['CREATED_AT', 'UPDATED_AT', 'LAST_ACTIVITY_AT', 'NAME', 'CONVERSATION_COUNT', 'LTV', 'FIRST_SALE_AT'],
    half: { status: { eq: 'SUSPENDED' } },
  },
  {
    name: 'contacts',
    wrap: atRoot,
    path: ['contacts'],
    filterType: 'ContactFilter',
    orderType: 'CustomerOrder',
    orders: ['LAST_ACTIVITY_AT', 'NAME'],
    half: { name: { in: Array.from({ length: 15 }, (_, place) => `Zoé ${place * 6}`) } },
  },
  {
    name: 'conversations',
    wrap: atRoot,
    path: ['conversations'],
    filterType: 'ConversationFilter',
    orderType: 'ConversationOrder',
    orders: ['LAST_MESSAGE_AT', 'CREATED_AT', 'UPDATED_AT'],
    half: { status: { eq: 'OPEN' } },
  },
  {
    name: 'messages',
    wrap: (list) => `conversation(id: "thd_0000_0000") { ${list} }`,
    path: ['conversation', 'messages'],
    filterType: 'MessageFilter',
    orderType: 'MessageOrder',
    orders: ['SENT_AT'],
    half: { direction: { eq: 'INBOUND' } },
  },
];

interface Page {
  totalCount: number;
  nodes: { databaseId: string }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

async function read(list: List, variables: object): Promise<Page> {
  const document = `query ($filter: ${list.filterType}, $orderBy: ${list.orderType}, $first: Int, $after: String) {
    ${list.wrap(`${list.name}(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
      totalCount nodes { databaseId } pageInfo { hasNextPage endCursor }
    }`)}
  }`;
  const body = await ask(testApp, desk, document, variables);
  const page = list.path.reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], body.data);
  if (!page) throw new Error(JSON.stringify(body));
  return page as Page;
}

const idsOf = ({ nodes }: Page) => nodes.map(({ databaseId }) => databaseId);

describe.each(lists)('$name', (list) => {
  test('have those with the words, page by page, each once, in every order', async () => {
    for (const field of list.orders) {
      for (const direction of ['ASC', 'DESC']) {
        const orderBy = { field, direction };
        const filter = { query: list.orderType === 'CustomerOrder' ? 'zoe' : 'ZOO' };
        const all = idsOf(await read(list, { orderBy, first: 100 }));
        const found = idsOf(await read(list, { orderBy, first: 100, filter }));
        expect(found).toHaveLength(30);
        expect(found).toEqual(all.filter((id) => found.includes(id)));

        const paged: string[] = [];
        let after: string | null = null;
        do {
          const page: Page = await read(list, { orderBy, filter, first: 7, after });
          expect(page.totalCount).toBe(30);
          paged.push(...idsOf(page));
          after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
        } while (after !== null);
        expect(paged, `${field} ${direction}`).toEqual(found);
      }
    }
  });

  test('have the words together with other conditions', async () => {
    const query = list.orderType === 'CustomerOrder' ? 'Zoë' : 'zoo';
    const both = await read(list, { filter: { query, ...list.half }, first: 100 });
    expect(both.nodes).toHaveLength(15);
    const neither = await read(list, { filter: { not: { query }, ...list.half }, first: 100 });
    expect(idsOf(neither).filter((id) => idsOf(both).includes(id))).toEqual([]);
    const either = await read(list, { filter: { or: [{ query }, { query: 'nothing' }] }, first: 100 });
    expect(either.nodes).toHaveLength(30);
    expect((await read(list, { filter: { query: 'nothing at all' } })).nodes).toEqual([]);
  });

  test('cost one statement a page', async () => {
    const statements = await statementsOf(() =>
      ask(testApp, desk, `{ ${list.wrap(`${list.name}(filter: { query: "zo" }) { nodes { id } }`)} }`),
    );
    const parents = list.path.length - 1;
    expect(statements.filter((statement) => !/"ApiKey"/.test(statement))).toHaveLength(1 + parents);
  });
});
