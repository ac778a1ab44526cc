import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Desk } from '../../kit/app.js';
import { startTestServer, type TestServer } from '../../kit/http.js';

/** Several operations in one request. */

let server: TestServer;
let desk: Desk;
beforeAll(async () => {
  server = await startTestServer({ batchedQueries: 3 });
  desk = await server.createDesk();
});
afterAll(() => server.close());

interface Told {
  data?: unknown;
  errors?: { message: string; extensions: { code: string; requestId?: string } }[];
  extensions?: { cost: { requested: number; actual: number } };
}

async function post(body: unknown, headers: Record<string, string> = {}, { key = desk.key, to = server } = {}) {
  const answer = await fetch(to.endpoint, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Told & Told[] };
}

const count = { query: '{ customersCount }' };
const agents = { query: 'query ($n: Int) { agents(first: $n) { nodes { name } } }', variables: { n: 10 } };

test('each operation is answered, and charged, by itself', async () => {
  const wrong = { query: '{ nothing }' };
  for (let time = 1; time <= 3; time += 1) {
    const { status, body } = await post([count, wrong, agents], { 'x-deskgraph-cost': '1' });
    expect({ time, status, body }).toMatchObject({
      time,
      status: 200,
      body: [
        { data: { customersCount: 0 }, extensions: { cost: { requested: 1 } } },
        { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED', requestId: expect.any(String) } }] },
        { data: { agents: { nodes: [] } }, extensions: { cost: { requested: 11, actual: 1 } } },
      ],
    });
  }
});

test('they spend what they would spend one by one', async () => {
  const { key } = await server.services.apiKeys.create({
    workspaceId: desk.workspaceId,
    kind: 'API_USER',
    limits: { rateCapacity: 1_000, rateRestore: 1 },
  });
  const large = { ...agents, variables: { n: 100 } };
  const { body } = await post([large, large, count], { 'x-deskgraph-cost': '1' }, { key });
  expect(body.map(({ extensions }) => extensions?.cost.actual)).toEqual([1, 1, 1]);
  const rest = await post(count, { 'x-deskgraph-cost': '1' }, { key });
  expect(rest.body).toMatchObject({ extensions: { cost: { remaining: expect.toSatisfy((left) => left >= 996) } } });
});

test.each<[string, unknown, Record<string, string>, number]>([
  ['more than are allowed', [count, count, count, count], {}, 413],
  ['none', [], {}, 400],
  ['what is no operation', [count, 7], {}, 400],
  ['lists', [[count]], {}, 400],
  ['an Idempotency-Key', [count], { 'idempotency-key': 'once' }, 400],
])('a list of %s is refused as a whole', async (_what, body, headers, status) => {
  const answer = await post(body, headers);
  expect(answer).toMatchObject({ status, body: { errors: [{ extensions: { code: 'BAD_REQUEST' } }] } });
});

test('a subscription is refused, and the others are answered', async () => {
  const followed = { query: 'subscription { conversationChanged { seq } }' };
  expect((await post([followed, count])).body).toMatchObject([
    { errors: [{ message: 'A subscription cannot be part of a batch.' }] },
    { data: { customersCount: 0 } },
  ]);
});

test('documents are named, and keys bound, as in single requests', async () => {
  await server.services.trustedDocuments.upload(desk.workspaceId, [{ id: 'count', name: null, text: count.query }]);
  const { key } = await server.services.apiKeys.create({
    workspaceId: desk.workspaceId,
    kind: 'API_USER',
    onlyTrustedDocuments: true,
  });
  const { body } = await post([{ documentId: 'count' }, count], {}, { key });
  expect(body).toMatchObject([
    { data: { customersCount: 0 } },
    { errors: [{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }] },
  ]);
});

test('by default no list is taken', async () => {
  const plain = await startTestServer();
  const other = await plain.createDesk();
  const answer = await post([count], {}, { key: other.key, to: plain });
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ message: 'Batching is not supported.' }] } });
  await plain.close();
});
