import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Prisma } from '../../src/generated/prisma/client.js';
import { type Desk, openTestApp, type TestApp } from '../kit/app.js';
import { ask } from '../kit/ask.js';

/** One desk of few rows, each unlike the others, and what each condition finds among them. */

let testApp: TestApp;
let desk: Desk;

const day = (of: number): Date => new Date(Date.UTC(2026, 0, of));

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
  const { prisma } = testApp.database;
  const { workspaceId } = desk;
  const customer = (id: string, rest: Partial<Prisma.CustomerCreateManyInput>) => ({
    workspaceId,
    id: `ctc_${id}`,
    createdAt: day(1),
    ...rest,
  });
  await prisma.customer.createMany({
    data: [
      customer('ann', {
        externalId: 'a',
        email: 'Ann@example.com',
        name: 'Ann',
        tags: ['vip', 'beta'],
        ltvMinor: 500n,
        conversationCount: 2,
        lastMessageAt: day(9),
        phone: '+49 30 1',
        salesCount: 1,
        firstSaleAt: day(7),
      }),
      customer('bob', {
        email: 'bob@example.com',
        name: 'Bob',
        status: 'SUSPENDED',
        sentiment: 'ANGRY',
        source: 'CHAT',
        tags: ['beta'],
        ltvMinor: -5n,
        createdAt: day(2),
        updatedAt: day(3),
      }),
      customer('cy', { createdAt: day(3), archivedAt: day(4), ltvMinor: 9_007_199_254_740_993n }),
      customer('dead', { deletedAt: day(5), name: 'Ann' }),
      customer('gone', { mergedIntoId: 'ctc_ann', name: 'Ann' }),
    ],
  });
  await prisma.agent.createMany({
    data: [
      { workspaceId, id: 'agt_ada', name: 'Ada', email: 'Ada@desk.test' },
      { workspaceId, id: 'agt_ben', name: 'Ben', email: 'ben@desk.test', deactivatedAt: day(1) },
    ],
  });
  await prisma.channel.createMany({
    data: [
      { workspaceId, id: 'chn_mail', kind: 'EMAIL', name: 'Mail' },
      { workspaceId, id: 'chn_chat', kind: 'CHAT', name: 'Chat' },
    ],
  });
  const conversation = (id: string, rest: Partial<Prisma.ConversationCreateManyInput>) => ({
    workspaceId,
    id: `thd_${id}`,
    customerId: 'ctc_ann',
    source: 'EMAIL' as const,
    createdAt: day(1),
    lastMessageAt: day(1),
    ...rest,
  });
  await prisma.conversation.createMany({
    data: [
      conversation('open', {
        assigneeId: 'agt_ada',
        channelId: 'chn_mail',
        unreadCount: 1,
        externalId: 'x',
        subject: 'Lost key',
        updatedAt: day(8),
      }),
      conversation('closed', {
        customerId: 'ctc_bob',
        status: 'CLOSED',
        source: 'CHAT',
        closedAt: day(5),
        firstResponseAt: day(2),
        lastMessageAt: day(4),
        createdAt: day(2),
      }),
      conversation('archived', { status: 'ARCHIVED', closedAt: day(6) }),
    ],
  });
  const message = (id: string, rest: Partial<Prisma.MessageCreateManyInput>) => ({
    workspaceId,
    id: `msg_${id}`,
    conversationId: 'thd_open',
    text: 'x',
    preview: 'x',
    direction: 'INBOUND' as const,
    status: 'RECEIVED' as const,
    sentAt: day(1),
    ...rest,
  });
  await prisma.message.createMany({
    data: [
      message('in', {}),
      message('note', { direction: 'OUTBOUND', status: 'SENT', internal: true, agentId: 'agt_ada', sentAt: day(2) }),
      message('failed', { direction: 'OUTBOUND', status: 'FAILED', sentAt: day(3) }),
    ],
  });
});
afterAll(() => testApp.close());

type Case = [filter: string, found: string];

const found = async (
  connection: string,
  wrap: (list: string) => string,
  path: string[],
  filter: string,
): Promise<string> => {
  const list = `${connection}(first: 100${filter && `, filter: ${filter}`}) { totalCount nodes { databaseId } }`;
  const body = await ask(testApp, desk, wrap(list));
  const page = path.reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], body.data) as
    | { totalCount: number; nodes: { databaseId: string }[] }
    | undefined;
  if (!page) throw new Error(JSON.stringify(body));
  expect(page.totalCount).toBe(page.nodes.length);
  return page.nodes
    .map(({ databaseId }) => databaseId.slice(4))
    .sort()
    .join(' ');
};
const atRoot = (list: string) => `{ ${list} }`;
const d = (of: number) => `"${day(of).toISOString()}"`;

const shared: Case[] = [
  ['{ id: { eq: "ctc_ann" } }', 'ann'],
  ['{ id: { in: ["ctc_ann", "ctc_bob", "ctc_none"] } }', 'ann bob'],
  ['{ email: { eq: "ANN@example.com" } }', 'ann'],
  ['{ email: { in: ["ann@EXAMPLE.com", "bob@example.com"] } }', 'ann bob'],
  ['{ name: { eq: "Ann" } }', 'ann'],
  ['{ name: { eq: "ann" } }', ''],
  ['{ name: { in: [] } }', ''],
  ['{ name: { in: ["Ann", "BOB"] } }', 'ann'],
  ['{ name: { isNull: false, in: ["Ann", "Bob"] } }', 'ann bob'],
  ['{ phone: { eq: "+49 30 1" } }', 'ann'],
  ['{ phone: { isNull: false } }', 'ann'],
  [`{ updatedAt: { lte: ${d(3)} } }`, 'bob'],
  ['{ query: "ANN" }', 'ann'],
  ['{ query: "exam an" }', 'ann'],
  ['{ not: { query: "ann" }, isArchived: false }', 'bob'],
  ['{ source: { eq: CHAT } }', 'bob'],
  ['{ tags: { hasAny: ["vip", "beta"] } }', 'ann bob'],
  ['{ tags: { hasAll: ["vip", "beta"] } }', 'ann'],
  ['{ tags: { hasAny: [] } }', ''],
  ['{ tags: { isEmpty: false } }', 'ann bob'],
  ['{ conversationCount: { gt: 0 } }', 'ann'],
  ['{ conversationCount: { eq: 0, lt: 5 }, email: { isNull: false } }', 'bob'],
  ['{ createdAt: { gte: "2026-01-02T00:00:00Z" }, email: { isNull: false } }', 'bob'],
  [`{ createdAt: { lt: ${d(2)} } }`, 'ann'],
  [`{ lastMessageAt: { eq: ${d(9)} } }`, 'ann'],
  ['{ isArchived: true }', 'cy'],
  ['{ isArchived: false }', 'ann bob'],
  ['{ not: { name: { eq: "Ann" } }, isArchived: false }', 'bob'],
  ['{ or: [{ name: { eq: "Ann" } }, { email: { eq: "bob@example.com" } }] }', 'ann bob'],
  ['{ or: [] }', ''],
];

const customers: Case[] = [
  ['', 'ann bob cy'],
  ['{}', 'ann bob cy'],
  ['{ and: [] }', 'ann bob cy'],
  ['{ or: [{}] }', 'ann bob cy'],
  ['{ not: {} }', ''],
  ['{ externalId: { eq: "a" } }', 'ann'],
  ['{ externalId: { isNull: true } }', 'bob cy'],
  ['{ not: { externalId: { eq: "a" } } }', 'bob cy'],
  ['{ not: { externalId: { eq: "z" } } }', 'ann bob cy'],
  ['{ not: { not: { externalId: { eq: "a" } } } }', 'ann'],
  ['{ not: { or: [{ name: { eq: "Bob" } }, { externalId: { eq: "a" } }] } }', 'cy'],
  ['{ name: { isNull: true } }', 'cy'],
  ['{ status: { eq: SUSPENDED } }', 'bob'],
  ['{ status: { in: [ACTIVE, SUSPENDED] } }', 'ann bob cy'],
  ['{ sentiment: { eq: ANGRY } }', 'bob'],
  ['{ sentiment: { in: [NEUTRAL] } }', 'ann cy'],
  ['{ ltvMinor: { lt: 0 } }', 'bob'],
  ['{ ltvMinor: { gte: 500 } }', 'ann cy'],
  ['{ ltvMinor: { eq: "9007199254740993" } }', 'cy'],
  ['{ ltvMinor: { in: [500, -5] } }', 'ann bob'],
  ['{ updatedAt: { isNull: false } }', 'bob'],
  ['{ salesCount: { gt: 0 } }', 'ann'],
  ['{ firstSaleAt: { isNull: true } }', 'bob cy'],
  [`{ firstSaleAt: { gte: ${d(7)} } }`, 'ann'],
  [`{ not: { updatedAt: { lte: ${d(3)} } } }`, 'ann cy'],
  [`{ createdAt: { in: [${d(2)}, ${d(3)}] } }`, 'bob cy'],
  ['{ lastMessageAt: { isNull: true } }', 'bob cy'],
  ['{ conversationCount: { in: [2, 3], gte: 2, lte: 2 } }', 'ann'],
  ['{ tags: { isEmpty: true } }', 'cy'],
  ['{ and: [{ status: { eq: ACTIVE } }, { isArchived: true }] }', 'cy'],
];

const conversations: Case[] = [
  ['', 'closed open'],
  ['{ status: { in: [OPEN, CLOSED, ARCHIVED] } }', 'archived closed open'],
  ['{ status: { eq: ARCHIVED } }', 'archived'],
  ['{ not: { status: { eq: OPEN } } }', 'archived closed'],
  ['{ id: { in: ["thd_open", "thd_archived"] } }', 'open'],
  ['{ externalId: { eq: "x" } }', 'open'],
  ['{ source: { eq: CHAT } }', 'closed'],
  ['{ customerId: { eq: "ctc_bob" } }', 'closed'],
  ['{ assigneeId: { eq: "agt_ada" } }', 'open'],
  ['{ assigneeId: { isNull: true } }', 'closed'],
  ['{ not: { assigneeId: { eq: "agt_ada" } } }', 'closed'],
  ['{ channelId: { in: ["chn_mail"] } }', 'open'],
  ['{ isUnread: true }', 'open'],
  ['{ isUnread: false }', 'closed'],
  [`{ createdAt: { gt: ${d(1)} } }`, 'closed'],
  [`{ lastMessageAt: { lte: ${d(1)} } }`, 'open'],
  [`{ firstResponseAt: { eq: ${d(2)} } }`, 'closed'],
  ['{ closedAt: { isNull: false } }', 'closed'],
  [`{ updatedAt: { gt: ${d(7)} } }`, 'open'],
  ['{ unreadCount: { gte: 1 } }', 'open'],
  ['{ subject: { eq: "Lost key" } }', 'open'],
  ['{ subject: { isNull: true } }', 'closed'],
  ['{ query: "key" }', 'open'],
  ['{ not: { query: "key" } }', 'closed'],
  ['{ status: { in: [OPEN, CLOSED] } }', 'closed open'],
  ['{ status: { isNull: true } }', ''],
];

const messages: Case[] = [
  ['', 'failed in note'],
  ['{ direction: { eq: OUTBOUND } }', 'failed note'],
  ['{ status: { in: [FAILED, RECEIVED] } }', 'failed in'],
  ['{ isInternal: true }', 'note'],
  ['{ isInternal: false }', 'failed in'],
  ['{ agentId: { eq: "agt_ada" } }', 'note'],
  ['{ id: { in: ["msg_in", "msg_none"] } }', 'in'],
  ['{ externalId: { isNull: true } }', 'failed in note'],
  [`{ createdAt: { gt: ${d(1)} } }`, 'failed in note'],
  ['{ query: "X" }', 'failed in note'],
  ['{ query: "y" }', ''],
  ['{ not: { agentId: { eq: "agt_ada" } } }', 'failed in'],
  [`{ sentAt: { gt: ${d(1)}, lt: ${d(3)} } }`, 'note'],
];

describe('customers', () => {
  // Those who are archived count among customers, so the shared cases leave them out by themselves.
  test.each([...customers, ...shared])('%s finds "%s"', async (filter, expected) => {
    expect(await found('customers', atRoot, ['customers'], filter)).toBe(expected);
  });
});

describe('contacts', () => {
  test.each([['', 'ann bob'] as Case, ...shared])('%s finds "%s"', async (filter, expected) => {
    expect(await found('contacts', atRoot, ['contacts'], filter)).toBe(expected);
  });
});

describe('conversations', () => {
  test.each(conversations)('%s finds "%s"', async (filter, expected) => {
    expect(await found('conversations', atRoot, ['conversations'], filter)).toBe(expected);
  });

  test.each<Case>([
    ['', 'open'],
    ['{ status: { eq: ARCHIVED } }', 'archived'],
    ['{ isUnread: false }', ''],
  ])('of a customer: %s finds "%s"', async (filter, expected) => {
    const wrap = (list: string) => `{ customer(id: "ctc_ann") { ${list} } }`;
    expect(await found('conversations', wrap, ['customer', 'conversations'], filter)).toBe(expected);
  });
});

describe('messages', () => {
  test.each(messages)('%s finds "%s"', async (filter, expected) => {
    const wrap = (list: string) => `{ conversation(id: "thd_open") { ${list} } }`;
    expect(await found('messages', wrap, ['conversation', 'messages'], filter)).toBe(expected);
  });
});

describe('agents and channels', () => {
  test.each<Case>([
    ['', 'ada ben'],
    ['{ isActive: true }', 'ada'],
    ['{ isActive: false }', 'ben'],
    ['{ email: { eq: "ADA@desk.test" } }', 'ada'],
    ['{ id: { in: ["agt_ben"] } }', 'ben'],
    ['{ name: { eq: "Ben" } }', 'ben'],
  ])('agents: %s finds "%s"', async (filter, expected) =>
    expect(await found('agents', atRoot, ['agents'], filter)).toBe(expected),
  );
  test.each<Case>([
    ['', 'chat mail'],
    ['{ kind: { eq: CHAT } }', 'chat'],
    ['{ not: { kind: { in: [CHAT] } } }', 'mail'],
    ['{ id: { eq: "chn_mail" } }', 'mail'],
    ['{ name: { in: ["Chat"] } }', 'chat'],
  ])('channels: %s finds "%s"', async (filter, expected) =>
    expect(await found('channels', atRoot, ['channels'], filter)).toBe(expected),
  );
});

test('pages neither repeat nor lose a row when others come and go between them', async () => {
  const list =
    'query ($after: String) { customers(first: 1, after: $after, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { databaseId } pageInfo { endCursor } } }';
  const seen: string[] = [];
  let after: string | null = null;
  for (let page = 0; page < 3; page += 1) {
    const { data } = await ask(testApp, desk, list, { after });
    const { nodes, pageInfo } = (
      data as { customers: { nodes: { databaseId: string }[]; pageInfo: { endCursor: string } } }
    ).customers;
    seen.push(...nodes.map(({ databaseId }) => databaseId));
    after = pageInfo.endCursor;
    await testApp.services.customers.upsert(desk.operator, { externalId: `later_${page}` });
  }
  expect(seen).toEqual(['ctc_cy', 'ctc_bob', 'ctc_ann']);
});
