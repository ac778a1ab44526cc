import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { Defer20220824Handler } from '@apollo/client/incremental';
import { RequestCache } from '@pothos/plugin-scope-auth';
import { type DocumentNode, parse, print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestServer, type TestServer } from '../kit/http.js';
import { type Story, tellStory } from '../kit/story.js';

/** Answers in parts: `@defer` and `@stream` of queries, and subscriptions as Apollo's clients ask for them. */

let server: TestServer;
let story: Story;
beforeAll(async () => {
  server = await startTestServer();
  story = await tellStory(server);
});
afterAll(() => server.close());

const multipart = 'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json';
const deferred = parse(`query Deferred($id: ID!) {
  conversation(id: $id) { databaseId ... on Conversation @defer(label: "messages") { subject messages { nodes { text } } } }
}`);

interface Part {
  data?: unknown;
  errors?: object[];
  incremental?: { data?: unknown; items?: unknown[]; path: (string | number)[]; label?: string; errors?: object[] }[];
  hasNext?: boolean;
  extensions?: unknown;
}

async function ask(
  query: DocumentNode,
  {
    accept = multipart,
    variables = { id: story.billing.id },
    key = story.desk.key,
    headers = {} as Record<string, string>,
  } = {},
) {
  const response = await fetch(server.endpoint, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', accept, ...headers },
    body: JSON.stringify({ query: print(query), variables }),
  });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const bodies = type.includes('json')
    ? [text]
    : [...text.matchAll(/^(?:data: )?(\{.*\})\r?$/gm)].map(([, body = '']) => body);
  return {
    type,
    status: response.status,
    parts: bodies.map((body) => JSON.parse(body) as Part),
    headers: response.headers,
  };
}

const whole = () => ({
  conversation: {
    databaseId: story.billing.id,
    subject: story.billing.subject,
    messages: { nodes: [{ text: expect.any(String) }] },
  },
});

describe('@defer', () => {
  test.each([
    ['multipart/mixed', multipart],
    ['text/event-stream', 'text/event-stream'],
  ])('comes in parts over %s, each time', async (type, accept) => {
    const { messages, subject, databaseId } = whole().conversation;
    for (let time = 1; time <= 3; time += 1) {
      const answer = await ask(deferred, { accept });
      expect(answer.type).toContain(type);
      expect(answer.headers.get('x-accel-buffering')).toBe('no');
      expect({ time, parts: answer.parts }).toMatchObject({
        time,
        parts: [
          { data: { conversation: { databaseId } }, hasNext: true },
          {
            incremental: [{ label: 'messages', path: ['conversation'], data: { subject, messages } }],
            hasNext: false,
          },
        ],
      });
    }
  });

  test('lets go of the context behind the last part, so that requests do not become old', async () => {
    const lettingGo = vi.spyOn(RequestCache, 'clearForContext');
    try {
      await ask(deferred);
      await expect.poll(() => lettingGo.mock.calls.length).toBe(1);
    } finally {
      lettingGo.mockRestore();
    }
  });

  test('comes as a whole to who takes no parts, first run and compiled', async () => {
    for (let time = 1; time <= 3; time += 1) {
      const { parts } = await ask(deferred, { accept: 'application/json' });
      expect({ time, parts }).toEqual({ time, parts: [{ data: whole() }] });
    }
  });

  test('costs and is bounded as a whole is', async () => {
    const { key } = await server.services.apiKeys.create({
      workspaceId: story.desk.workspaceId,
      kind: 'API_USER',
      limits: { maxCost: 20 },
    });
    expect((await ask(deferred, { key })).parts).toMatchObject([{ errors: [{ extensions: { code: 'COST_LIMIT' } }] }]);
    const deep = `{ conversation(id: "x") { ... @defer { ${'assignee { assignedConversations { nodes { '.repeat(12)} id ${'} } } '.repeat(12)} } } }`;
    expect((await ask(parse(deep))).parts).toMatchObject([{ errors: [{ extensions: { code: 'COST_LIMIT' } }] }]);
  });

  test('checks variables and scopes as a whole does, and tells errors of later parts in the same way', async () => {
    expect((await ask(deferred, { variables: { id: null as never } })).parts).toMatchObject([
      { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    ]);
    const narrow = await story.desk.withScopes('customers:read');
    const query = parse(
      'query ($id: ID!) { customer(id: $id) { email ... @defer { latestConversation { subject } } } }',
    );
    const { parts } = await ask(query, { key: narrow.key, variables: { id: story.jane.id } });
    expect(parts).toMatchObject([
      { data: { customer: { email: 'jane@example.com' } } },
      { incremental: [{ errors: [{ extensions: { code: 'FORBIDDEN', requestId: expect.any(String) } }] }] },
    ]);
  });

  test('of a mutation is answered as a whole', async () => {
    const mutation = parse(
      'mutation ($id: ID!) { markConversationRead(input: { id: $id }) { ... @defer { conversation { databaseId } } } }',
    );
    const headers = { 'idempotency-key': 'read-once' };
    for (let time = 1; time <= 2; time += 1) {
      const { parts } = await ask(mutation, { headers });
      expect(parts).toEqual([{ data: { markConversationRead: { conversation: { databaseId: story.billing.id } } } }]);
    }
  });

  test('is read by Apollo Client', async () => {
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      incrementalHandler: new Defer20220824Handler(),
      link: new HttpLink({ uri: server.endpoint, headers: { authorization: `Bearer ${story.desk.key}` } }),
    });
    const seen: unknown[] = [];
    const subscription = client
      .watchQuery({ query: deferred, variables: { id: story.billing.id } })
      .subscribe(({ data, dataState }) => void (data && seen.push([dataState, data])));
    await vi.waitFor(() => expect(seen.at(-1)).toMatchObject(['complete', whole()]), { timeout: 60_000 });
    expect(seen[0]).toMatchObject(['streaming', { conversation: { databaseId: story.billing.id } }]);
    subscription.unsubscribe();
  });
});

test('rows of a list have what deferred fragments select of them', async () => {
  const query = parse('{ conversations(first: 5) { nodes { databaseId ... @defer { subject contact { email } } } } }');
  const later = (await ask(query)).parts.flatMap(({ incremental = [] }) => incremental.map(({ data }) => data));
  expect(later).toContainEqual({ subject: story.billing.subject, contact: { email: 'jane@example.com' } });
});

test('@stream sends the rows of a list after the first ones', async () => {
  const query = parse('{ agents(first: 3) { nodes @stream(initialCount: 1) { name } } }');
  const { parts } = await ask(query);
  const later = parts.flatMap(({ incremental = [] }) => incremental.flatMap(({ items = [] }) => items));
  expect(parts[0]).toMatchObject({ data: { agents: { nodes: [{ name: expect.any(String) }] } }, hasNext: true });
  expect(later).toHaveLength(2);
});

test.each([
  '{ agents { nodes @stream(initialCount: -1) { name } } }',
  'query ($count: Int = -7) { agents { nodes @stream(initialCount: $count) { name } } }',
])('a negative count is refused, also to who takes no parts: %s', async (query) => {
  for (const accept of [multipart, 'application/json']) {
    const { parts } = await ask(parse(query), { accept, variables: {} as never });
    expect(parts).toMatchObject([{ errors: [{ extensions: { code: 'BAD_USER_INPUT', argument: 'initialCount' } }] }]);
  }
});

test.each([
  ['on a root field', 'mutation { ... @defer { markConversationRead(input: { id: "x" }) { userErrors { code } } } }'],
  ['on what is no list', '{ viewer @stream { kind } }'],
  ['with one label twice', '{ ... @defer(label: "a") { customersCount } ... @defer(label: "a") { customersCount } }'],
])('a directive %s is refused', async (_what, query) => {
  const { parts } = await ask(parse(query), { variables: {} as never });
  expect(parts).toMatchObject([{ errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] }]);
});

test('Apollo Client follows changes over HTTP, without a WebSocket', async () => {
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({ uri: server.endpoint, headers: { authorization: `Bearer ${story.desk.key}` } }),
  });
  const query = parse('subscription { conversationChanged { type conversationId } }');
  const told: unknown[] = [];
  const failed: unknown[] = [];
  const subscription = client.subscribe({ query }).subscribe({
    next: ({ data, error }) => void (error ? failed.push(error) : told.push(data)),
    error: (error) => void failed.push(error),
  });
  // Nothing says that it is followed before the first change.
  await vi.waitFor(
    async () => {
      await server.services.conversations.update(story.desk.operator, {
        id: story.billing.id,
        subject: `At ${Date.now()}`,
      });
      expect([told.length > 0, failed]).toEqual([true, []]);
    },
    { timeout: 60_000, interval: 200 },
  );
  expect(told[0]).toMatchObject({ conversationChanged: { conversationId: story.billing.id } });
  subscription.unsubscribe();
});

test('a subscription that is refused says so in JSON', async () => {
  const answer = await ask(parse('subscription { nothing }'), {
    accept: 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json',
  });
  expect(answer.type).toContain('application/json');
  expect(answer.parts).toMatchObject([{ errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] }]);
});
