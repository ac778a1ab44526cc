import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';

/** Requests of several operations, by which a key would get more than by as many requests, or hold others up. */

const most = 10;
let server: TestServer;
let desk: Desk;
let other: Desk;

beforeAll(async () => {
  server = await startTestServer({ batchedQueries: most });
  desk = await server.createDesk();
  other = await server.createDesk();
});
afterAll(() => server.close());

interface Answer {
  data?: unknown;
  extensions?: { cost: { remaining: number } };
  errors?: { extensions: { code: string } }[];
}

async function send(
  body: string,
  { key }: Pick<Desk, 'key'> = desk,
  headers = {},
): Promise<{ status: number; answers: Answer | Answer[] }> {
  const answer = await fetch(server.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
    body,
  });
  return { status: answer.status, answers: (await answer.json()) as Answer | Answer[] };
}

const small = { query: '{ viewer { kind } }' };

test.each([
  ['too many', JSON.stringify(Array.from({ length: most + 1 }, () => small))],
  ['none', '[]'],
  ['a batch within a batch', JSON.stringify([[small]])],
  ['what is no operation', '[null, 5]'],
])('%s is refused as a whole', async (_what, body) => {
  const { status, answers } = await send(body);
  expect([Math.floor(status / 100), answers]).toEqual([4, { errors: [expect.anything()] }]);
});

test('what is wrong with one is told of that one, and done by no other', async () => {
  const wrong = ['{ nope }', '{', 'subscription { changes { __typename } }'].map((query) => ({ query }));
  const { answers } = await send(JSON.stringify([...wrong, {}, small]));
  expect(answers).toMatchObject([
    ...Array.from({ length: 4 }, () => ({ errors: [expect.anything()] })),
    { data: { viewer: { kind: 'API_USER' } } },
  ]);
});

test('no key for a repetition stands for several operations', async () => {
  const { status } = await send(JSON.stringify([small, small]), desk, { 'idempotency-key': 'a' });
  expect(status).toBe(400);
});

test('of refused operations each is charged for its share of the body', async () => {
  const limits = { rateCapacity: 2_000, rateRestore: 1 };
  const { key } = await server.services.apiKeys.create({ workspaceId: desk.workspaceId, kind: 'API_USER', limits });
  const batch = JSON.stringify(Array.from({ length: most }, () => ({ query: '{ nope }' })));
  await send(batch.padEnd(50_000), { key });
  const { answers } = await send(JSON.stringify(small), { key }, { 'x-deskgraph-cost': '1' });
  // 10 points for each, and one for a hundred bytes of the body.
  const remaining = (answers as Answer).extensions?.cost.remaining ?? 0;
  expect(remaining).toBeLessThan(2_000 - 500);
  expect(remaining).toBeGreaterThan(2_000 - 700);
});

test('one that takes long keeps nobody waiting for the others of its batch', async () => {
  const { customer } = await server.services.customers.create(desk.operator, { name: 'Ann', email: 'ann@example.com' });
  const query = 'mutation($id: ID!) { updateCustomer(input: { id: $id, name: "Bea" }) { result } }';
  // A long body, of which each operation is a small part.
  const batch = JSON.stringify([
    { query, variables: { id: customer.id } },
    ...Array.from({ length: most - 1 }, () => small),
  ]);
  const { transaction } = server.database;
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const begun = vi.spyOn(server.database, 'transaction').mockImplementationOnce(async (work, options) => {
    await ended;
    return transaction(work, options);
  });
  try {
    const slow = send(batch.padEnd(40_000));
    await expect.poll(() => begun.mock.calls.length).toBe(1);
    // While the process is shared, each workspace has its part alone.
    await send(JSON.stringify(small), other);
    let isAnswered = false;
    const answered = send(JSON.stringify(small)).then(() => {
      isAnswered = true;
    });
    for (let count = 0; count < 10 && !isAnswered; count += 1) await send(JSON.stringify(small), other);
    expect(isAnswered).toBe(true);
    await answered;
    end();
    const [changed] = (await slow).answers as Answer[];
    expect(changed?.data).toEqual({ updateCustomer: { result: 'UPDATED' } });
  } finally {
    end();
    begun.mockRestore();
  }
});
