import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';
import { statementsOf } from '../../kit/statements.js';
import { fillDesk } from '../../kit/story.js';

/** How many statements an operation costs must depend on what it asks, not on how many rows there are. */

let testApp: TestApp;
let small: Desk;
let large: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
  small = await testApp.createDesk('Two of each');
  large = await testApp.createDesk('Many of each');
  await fillDesk(testApp, small, { customers: 2, conversationsEach: 2, messagesEach: 2 });
  await fillDesk(testApp, large, { customers: 120, conversationsEach: 4, messagesEach: 4 });
  await addWebhooks(small, 2);
  await addWebhooks(large, 30);
});
afterAll(() => testApp.close());

/** Webhook endpoints, each with as many deliveries, and those with an attempt each. */
async function addWebhooks({ operator, workspaceId }: Desk, count: number): Promise<void> {
  const { webhooks, webhookDeliveries } = testApp.services;
  for (let n = 0; n < count; n += 1) {
    const { endpoint } = await webhooks.create(operator, { url: `https://hooks.example/${n}` });
    const { id: deliveryId } = await webhookDeliveries.sendTest(operator, { endpointId: endpoint.id });
    const attempt = { workspaceId, deliveryId, result: 'TIMED_OUT', durationMs: 1, startedAt: new Date() } as const;
    await testApp.database.prisma.webhookAttempt.create({ data: { ...attempt, id: `wha_${n}` } });
  }
}

/** The statements of one run; the key was resolved just before, as it is remembered for a moment only. */
async function countOf(desk: Desk, document: string, variables?: unknown): Promise<number> {
  let count = 0;
  const statements = await statementsOf(async () => {
    const body = await ask(testApp, desk, document, variables);
    if (body.errors) throw new Error(JSON.stringify(body));
  });
  for (const statement of statements) if (!/"ApiKey"/.test(statement)) count += 1;
  return count;
}

const inbox = `query ($first: Int = 20, $after: String) {
  conversations(first: $first, after: $after) {
    nodes { subject contact { name email } assignee { name } messages(last: 3) { nodes { preview direction author { name } } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

/** Operations with the most statements that each may cost, whatever the rows. */
const operations: [what: string, most: number, document: string][] = [
  ['customers', 1, '{ customers(first: 100) { nodes { name tags metadata } } }'],
  ['contacts', 1, '{ contacts(first: 100) { nodes { name status } } }'],
  ['conversations', 1, '{ conversations(first: 100) { nodes { subject isUnread } } }'],
  ['agents', 1, '{ agents(first: 100) { nodes { name isActive } } }'],
  ['channels', 1, '{ channels(first: 100) { nodes { name } } }'],
  [
    'webhook endpoints with their deliveries and the attempts of each',
    3,
    '{ webhookEndpoints(first: 100) { nodes { url filter { customerId } deliveries(first: 5) { nodes { status attempts(first: 3) { nodes { result } } } } } } }',
  ],
  [
    'webhook deliveries with their endpoints',
    2,
    '{ webhookDeliveries(first: 100) { nodes { status endpoint { url } } } }',
  ],
  ['totals', 2, '{ customers { totalCount } }'],
  ['the value of customers', 2, '{ customers(first: 100) { nodes { ltv { amountMinor currency } } } }'],
  ['both views of customers', 1, '{ customers(first: 100) { nodes { contact { customer { contact { name } } } } } }'],
  [
    'the latest conversation of each customer',
    1,
    '{ customers(first: 100) { nodes { latestConversation { subject assignee { name } channel { name } } } } }',
  ],
  [
    'one conversation with its people and its messages',
    1,
    '{ conversation(id: "thd_0000_0000") { subject contact { name } assignee { name } messages { nodes { text } } } }',
  ],
  [
    'the conversations of each customer with totals',
    3,
    '{ customers(first: 100) { nodes { conversations(first: 2) { totalCount nodes { subject } } } } }',
  ],
  [
    'the conversations of each contact, in edges',
    2,
    '{ contacts(first: 100) { edges { node { conversations { edges { cursor node { assignee { name } } } } } } } }',
  ],
  [
    'the conversations of each agent',
    2,
    '{ agents { nodes { assignedConversations(first: 100) { nodes { contact { name } channel { name } } } } } }',
  ],
  [
    'the messages of each conversation with totals',
    3,
    '{ conversations(first: 100) { nodes { messages(first: 2) { totalCount nodes { text } } } } }',
  ],
  [
    'the writers of messages',
    3,
    '{ conversations(first: 100) { nodes { messages { nodes { author { name agent { name } } } } } } }',
  ],
  [
    'the way back from messages',
    4,
    '{ conversations(first: 100) { nodes { messages(last: 1) { nodes { conversation { subject contact { name } } } } } } }',
  ],
  [
    'aliases of other arguments',
    4,
    '{ conversations(first: 100) { nodes { a: messages(first: 1) { nodes { id } } b: messages(last: 1) { nodes { id } } c: messages(filter: { direction: { eq: INBOUND } }) { nodes { id } } } } }',
  ],
  [
    'aliases of the same arguments',
    2,
    '{ conversations(first: 100) { nodes { a: messages(first: 1) { nodes { id } } b: messages(first: 1) { nodes { id } } } } }',
  ],
  [
    'fragments',
    2,
    'query { conversations(first: 100) { ...C } } fragment C on ConversationConnection { nodes { ...R ... on Conversation { assignee { ...A } } } } fragment R on Conversation { contact { name } messages { nodes { text } } } fragment A on Agent { name }',
  ],
  [
    '100 nodes of each type',
    4,
    `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Customer { tags } ... on Conversation { subject } ... on Agent { name } } }`,
  ],
  [
    'what is asked under conditions',
    1,
    'query ($no: Boolean = false) { conversations(first: 100) { nodes { subject messages @include(if: $no) { nodes { id } } } } }',
  ],
  ['the inbox', 1, inbox],
];

const idsOf = (desk: Desk) =>
  desk === small
    ? ['ctc_0000', 'ctc_0001', 'thd_0000_0000', 'agt_0']
    : [
        ...Array.from({ length: 60 }, (_, place) => `ctc_${String(place).padStart(4, '0')}`),
        ...Array.from({ length: 37 }, (_, place) => `thd_${String(place).padStart(4, '0')}_0000`),
        'agt_0',
        'agt_1',
        'agt_2',
      ];

describe('as many statements for two rows as for a hundred, in the first run and in compiled ones:', () => {
  test.each(operations)('%s (at most %i)', async (_what, most, document) => {
    const counts: number[] = [];
    for (let run = 1; run <= 3; run += 1) {
      counts.push(await countOf(large, document, { ids: idsOf(large) }));
      counts.push(await countOf(small, document, { ids: idsOf(small) }));
    }
    expect(new Set(counts).size, `statements of each run: ${counts}`).toBe(1);
    expect(Math.max(...counts)).toBeLessThanOrEqual(most);
  });
});

describe('the inbox', () => {
  test('costs as much on page 20 as on page 2, and one statement beside that for the key', async () => {
    const counts: number[] = [];
    let after: string | null = null;
    for (let page = 1; page <= 20; page += 1) {
      const statements = await statementsOf(async () => {
        const { data } = await ask(testApp, large, inbox, { after });
        after = (data as { conversations: { pageInfo: { endCursor: string } } }).conversations.pageInfo.endCursor;
      });
      expect(statements.length).toBeLessThanOrEqual(2);
      counts.push(statements.filter((statement) => !/"ApiKey"/.test(statement)).length);
    }
    expect(new Set(counts)).toEqual(new Set([1]));
  });
});

describe('a key that was mistyped', () => {
  test('costs no statement', async () => {
    const { graphql } = testApp.app;
    const key = `${large.key.slice(0, -1)}${large.key.endsWith('A') ? 'B' : 'A'}`;
    const statements = await statementsOf(async () => {
      const response = await graphql.fetch('http://deskgraph.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ query: '{ viewer { kind } }' }),
      });
      await response.json();
    });
    expect(statements).toEqual([]);
  });
});
