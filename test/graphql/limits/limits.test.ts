import { getIntrospectionQuery, graphqlSync } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../../src/app.js';
import type { AppOptions } from '../../../src/application/options.js';
import { openDatabase } from '../../../src/db/database.js';
import { schema } from '../../../src/graphql/schema.js';
import { defaultLimits, type KeyLimits } from '../../../src/lib/http/limits.js';
import { createLog } from '../../../src/lib/process/log.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { withoutRestoring } from '../../kit/clock.js';
import { testConnection } from '../../kit/connection.js';
import { statementsOf } from '../../kit/statements.js';

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await withoutRestoring(openTestApp);
  desk = await testApp.createDesk();
  await testApp.database.prisma.agent.createMany({
    data: Array.from({ length: 30 }, (_, place) => ({
      workspaceId: desk.workspaceId,
      id: `agt_${place}`,
      name: `Agent ${place}`,
      email: `agent${place}@desk.test`,
    })),
  });
});
afterAll(() => testApp.close());

interface Answer {
  status: number;
  headers: Headers;
  body: { data?: unknown; errors?: { message: string; extensions: Record<string, unknown> }[]; extensions?: unknown };
}

async function send(
  query: string,
  { app = testApp.app, key = desk.key, headers = {}, variables = {} } = {},
): Promise<Answer> {
  const response = await app.graphql.fetch('http://deskgraph.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}

/** A gateway with other settings over the same database. */
async function withApp<T>(options: Partial<AppOptions>, work: (app: TestApp['app']) => Promise<T>): Promise<T> {
  const database = openDatabase(testConnection(), { connections: 2 });
  const app = await withoutRestoring(() => createApp({ database, log: createLog('silent'), ...options }));
  try {
    return await work(app);
  } finally {
    await app.close();
    await database.close();
  }
}

async function keyWith(limits: Partial<KeyLimits>): Promise<string> {
  const { key } = await testApp.services.apiKeys.create({ workspaceId: desk.workspaceId, kind: 'API_USER', limits });
  return key;
}

const list = (length: number, text: (place: number) => string): string =>
  Array.from({ length }, (_, place) => text(place)).join(' ');

const agents = (first: number): string => `{ agents(first: ${first}) { nodes { name } } }`;
const extensionsOf = ({ body }: Answer): unknown => body.errors?.[0]?.extensions;

describe('an operation that costs too much', () => {
  const costly = '{ conversations(first: 100) { nodes { messages(first: 100) { nodes { author { name } } } } } }';

  test('is refused before anything runs, with what it asked for and what is allowed', async () => {
    await send(agents(1));
    let answer: Answer | undefined;
    const statements = await statementsOf(async () => {
      answer = await send(costly);
    });
    expect(answer).toMatchObject({ status: 400 });
    expect(answer && extensionsOf(answer)).toEqual({
      code: 'COST_LIMIT',
      cost: { requested: 20_201, allowed: 12_000 },
    });
    expect(statements.filter((text) => !text.includes('"ApiKey"'))).toEqual([]);
  });

  test('is measured by its variables, also when it is known', async () => {
    const query =
      'query ($n: Int) { conversations(first: 100) { nodes { messages(first: $n) { nodes { author { name } } } } } }';
    for (const [n, status] of [
      [1, 200],
      [100, 400],
      [1, 200],
      [100, 400],
    ] as const) {
      expect(await send(query, { variables: { n } })).toMatchObject({ status });
    }
  });

  test('is one that the key may not, where the key has a limit of its own', async () => {
    const key = await keyWith({ maxCost: 10 });
    expect(await send(agents(9), { key })).toMatchObject({ status: 200 });
    const refused = await send(agents(10), { key });
    expect(extensionsOf(refused)).toEqual({ code: 'COST_LIMIT', cost: { requested: 11, allowed: 10 } });
  });

  test('is refused for its depth, however it is spread over fragments', async () => {
    const levels = list(
      20,
      (place) =>
        `fragment F${place} on Agent { assignedConversations(first: 1) { nodes { assignee { ${place === 19 ? 'id' : `...F${place + 1}`} } } } }`,
    );
    const answer = await send(`{ agents(first: 1) { nodes { ...F0 } } } ${levels}`);
    expect(extensionsOf(answer)).toMatchObject({ code: 'COST_LIMIT', cost: { requested: 63, allowed: 30 } });
  });
});

describe('a key that spends too fast', () => {
  test('is told when to come back, and nothing is done', async () => {
    const key = await keyWith({ rateCapacity: 30, rateRestore: 1 });
    const upsert = 'mutation { upsertCustomer(input: { externalId: "fast" }) { result } }';
    const headers = { 'idempotency-key': 'fast' };
    expect(await send(agents(27), { key })).toMatchObject({ status: 200 });
    const refused = await send(upsert, { key, headers });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('8');
    expect(extensionsOf(refused)).toEqual({ code: 'RATE_LIMITED', retryable: true });
    expect(await testApp.database.prisma.customer.count({ where: { workspaceId: desk.workspaceId } })).toBe(0);

    // What is refused takes no idempotency key and no points; other keys have budgets of their own.
    expect(await testApp.database.prisma.idempotencyRecord.count({ where: { workspaceId: desk.workspaceId } })).toBe(0);
    expect(await send(agents(1), { key })).toMatchObject({ status: 200 });
    expect(await send(agents(27))).toMatchObject({ status: 200 });
  });

  test('is limited by what the gateway was told, where the key says nothing', async () => {
    const limits = { ...defaultLimits, rateCapacity: 20, rateRestore: 1 };
    await withApp({ limits }, async (app) => {
      expect(await send(agents(19), { app })).toMatchObject({ status: 200 });
      expect(await send(agents(19), { app })).toMatchObject({ status: 429 });
    });
  });
});

describe('what a request cost', () => {
  const asked = { 'x-deskgraph-cost': '1' };

  test('is told to whom asks', async () => {
    const key = await keyWith({ rateCapacity: 1_000, rateRestore: 1 });
    const { body } = await send(agents(9), { key, headers: asked });
    expect(body.extensions).toEqual({ cost: { requested: 10, actual: 10, remaining: 990, restoreRate: 1 } });
  });

  test('is what was answered, and the rest is given back, also to whom does not ask', async () => {
    const key = await keyWith({ rateCapacity: 1_000, rateRestore: 1 });
    await send(agents(100), { key });
    const { body } = await send(agents(100), { key, headers: asked });
    expect(body.extensions).toEqual({ cost: { requested: 101, actual: 31, remaining: 938, restoreRate: 1 } });
  });

  test('must be there before, and more than the key can ever hold is given back for as much as was taken', async () => {
    const key = await keyWith({ rateCapacity: 50, rateRestore: 1 });
    const { body } = await send(agents(100), { key, headers: asked });
    expect(body.extensions).toMatchObject({ cost: { requested: 101, actual: 31, remaining: 19 } });
    expect(await send(agents(29), { key })).toMatchObject({ status: 429 });
    expect(await send(agents(3), { key })).toMatchObject({ status: 200 });
  });

  test('is all that was asked for when something failed, whose lists may have been read', async () => {
    const key = await keyWith({ rateCapacity: 1_000, rateRestore: 1 });
    const failing = '{ agents(first: 100) { nodes { name } } conversation(id: "nonsense") { id } }';
    const { body } = await send(failing, { key, headers: asked });
    expect(body.errors).toHaveLength(1);
    expect(body.extensions).toMatchObject({ cost: { requested: 102, actual: 102, remaining: 898 } });
  });

  test('and to nobody else', async () => {
    expect(Object.keys((await send(agents(9))).body)).toEqual(['data']);
  });

  test('is told anew with an answer that is repeated', async () => {
    const key = await keyWith({ rateCapacity: 1_000, rateRestore: 1 });
    const upsert = 'mutation { upsertCustomer(input: { externalId: "told" }) { result } }';
    const headers = { 'idempotency-key': 'told', 'x-deskgraph-cost': '1' };
    const first = await send(upsert, { key, headers });
    const second = await send(upsert, { key, headers });
    expect(first.body.extensions).toMatchObject({ cost: { requested: 10, actual: 10, remaining: 990 } });
    expect(second.body.extensions).toMatchObject({ cost: { requested: 10, actual: 10, remaining: 980 } });
    expect(second.body.data).toEqual(first.body.data);
  });
});

describe('a document that repeats itself is refused before it is compared with itself', () => {
  test.each([
    ['one field', 51, `{ ${list(51, () => '__typename')} }`],
    ['one object', 51, `{ ${list(51, () => '... { viewer { kind } }')} }`],
    ['aliases', 201, `{ ${list(201, (place) => `a${place}: __typename`)} }`],
    ['fragments', 121, `{ viewer { kind } } ${list(121, (place) => `fragment F${place} on Viewer { kind }`)}`],
    ['spreads', 401, `{ ${list(401, () => '...F')} } fragment F on Query { viewer { kind } }`],
  ])('%s', async (_what, count, query) => {
    const answer = await send(query);
    expect({ count, ...answer }).toMatchObject({
      count,
      status: 400,
      body: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    });
    expect(answer.body.errors?.[0]?.message).toContain(`at most ${count - 1} `);
  });

  test('and one that does so less is not', async () => {
    const query = `{ ${list(50, () => '__typename')} ${list(200, (place) => `a${place}: __typename`)} }`;
    expect(await send(query)).toMatchObject({ status: 200 });
  });

  test('ten errors are told of one', async () => {
    const { body } = await send(`{ ${list(1_000, (place) => `nothing${place}`)} }`);
    expect(body.errors).toHaveLength(11);
    expect(body.errors?.[10]?.message).toContain('Too many validation errors');
  });
});

describe('the schema', () => {
  const query = getIntrospectionQuery();

  test('is told within the limits', async () => {
    const { body } = await send(query);
    expect(body.data).toEqual(JSON.parse(JSON.stringify(graphqlSync({ schema, source: query }).data)));
  });

  test('is hidden when introspection is off, also from those who guess', async () => {
    await withApp({ introspection: 'off' }, async (app) => {
      for (const hidden of [query, '{ __type(name: "Query") { name } }', '{ conversationz { id } }']) {
        const { status, body } = await send(hidden, { app, headers: { accept: 'application/graphql-response+json' } });
        expect(status).toBe(400);
        expect(JSON.stringify(body)).not.toMatch(/Did you mean|"conversations"/);
      }
      expect(await send('{ __typename viewer { kind } }', { app })).toMatchObject({ status: 200 });
    });
  });
});

test('GraphiQL is served to browsers unless it is switched off', async () => {
  const open = async (app: TestApp['app']) => {
    const response = await app.graphql.fetch('http://deskgraph.test/graphql', { headers: { accept: 'text/html' } });
    return (await response.text()).includes('<html');
  };
  expect(await open(testApp.app)).toBe(true);
  expect(await withApp({ graphiql: false }, open)).toBe(false);
});
