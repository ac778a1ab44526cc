import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { createApp } from '../../src/app.js';
import { type Database, openDatabase, sql } from '../../src/db/database.js';
import { newId } from '../../src/db/ids.js';
import { createLog } from '../../src/lib/log.js';
import { packageRoot } from '../../src/lib/root.js';
import { type Desk, openTestApp, type TestApp } from '../kit/app.js';
import { statementsOf } from '../kit/statements.js';
import { type Story, tellStory } from '../kit/story.js';

let testApp: TestApp;
let story: Story;
let key: string;

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
});
beforeEach(() => {
  key = `try-${newId('Message')}`;
});
afterAll(() => testApp.close());

interface Request {
  query: string;
  variables?: unknown;
  operationName?: string;
}

interface Answer {
  status: number;
  text: string;
  replayed: boolean;
  code: unknown;
}

const addMessage = `mutation Add($id: ID!, $text: String!) {
  addMessage(input: { conversationId: $id, text: $text }) {
    message { id text conversation { version } }
    conversation { version customer { ltv { amountMinor } createdAt } }
    userErrors { code path }
  }
}`;
const hello = (text = 'Hello'): Request => ({ query: addMessage, variables: { id: story.billing.id, text } });

const initOf = (request: Request, idempotencyKey: string | undefined, desk: Desk): RequestInit => ({
  method: 'POST',
  headers: {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json',
    authorization: `Bearer ${desk.key}`,
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  },
  body: JSON.stringify(request),
});

async function send(
  request: Request,
  options: { key?: string | undefined; desk?: Desk; app?: TestApp['app'] } = {},
): Promise<Answer> {
  const { desk = story.desk, app = testApp.app } = options;
  const init = initOf(request, 'key' in options ? options.key : key, desk);
  const response = await app.graphql.fetch('http://deskgraph.test/graphql', init);
  const text = await response.text();
  return {
    status: response.status,
    text,
    replayed: response.headers.get('idempotency-replayed') === 'true',
    code: JSON.parse(text).errors?.[0]?.extensions.code,
  };
}

const messages = ({ desk } = story) =>
  testApp.database.prisma.message.count({ where: { workspaceId: desk.workspaceId } });
const records = (id = `:${key}`) =>
  testApp.database.prisma.idempotencyRecord.findMany({ where: { id: { endsWith: id } } });

/** As if as much time had passed since the run under the key last gave a sign of life. */
const letTimePass = (interval: string) =>
  testApp.database.prisma.$executeRaw(sql`UPDATE "IdempotencyRecord"
    SET "heldUntil" = "heldUntil" - ${interval}::interval, "expiresAt" = "expiresAt" - ${interval}::interval
    WHERE "id" LIKE ${`%:${key}`}`);

/** Another gateway over the same database, whose transactions do as `change` says. */
async function withGateway<T>(
  change: (database: Database) => Partial<Database>,
  work: (app: TestApp['app']) => Promise<T>,
): Promise<T> {
  const database = openDatabase(inject('connection'), { connections: 3 });
  const app = await createApp({ database: { ...database, ...change(database) }, log: createLog('silent') });
  try {
    return await work(app);
  } finally {
    await app.close();
    await database.close();
  }
}

describe('a mutation that is sent again with its key', () => {
  test('is answered to the letter as the first time, and not done again', async () => {
    const first = await send(hello());
    const count = await messages();
    expect(first).toMatchObject({ status: 200, replayed: false, code: undefined });
    expect(await send(hello())).toEqual({ ...first, replayed: true });
    expect(await messages()).toBe(count);
  });

  test('is answered so by another process too', async () => {
    const first = await send(hello());
    const second = await withGateway(
      () => ({}),
      (app) => send(hello(), { app }),
    );
    expect(second).toEqual({ ...first, replayed: true });
  });

  test('fifty times at once is done once', async () => {
    const before = await messages();
    const sendUntilAnswered = async (): Promise<Answer> => {
      for (;;) {
        const answer = await send(hello());
        if (answer.code !== 'IDEMPOTENCY_KEY_IN_USE') return answer;
        expect(answer.status).toBe(409);
      }
    };
    const answers = await Promise.all(Array.from({ length: 50 }, sendUntilAnswered));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await messages()).toBe(before + 1);
  });

  test('keeps a refusal of one field beside the change of another', async () => {
    const partly = {
      query: `mutation {
        upsertCustomer(input: { externalId: "usr_${key}" }) { result }
        refused: upsertCustomer(input: { id: "ctc_nobody" }) { userErrors { code path } }
        big: upsertCustomer(input: { externalId: "usr_${key}", notes: "x" }) { customer { ltv { amountMinor } } result }
      }`,
    };
    const first = await send(partly);
    expect(JSON.parse(first.text).data).toMatchObject({
      upsertCustomer: { result: 'CREATED' },
      refused: { userErrors: [{ code: 'NOT_FOUND' }] },
      big: { result: 'UPDATED' },
    });
    expect(await send(partly)).toEqual({ ...first, replayed: true });
  });

  test('may name its variables in another order', async () => {
    const { query, variables } = hello();
    const reversed = Object.fromEntries(Object.entries(variables as object).reverse());
    await send({ query, variables });
    expect(await send({ query, variables: reversed })).toMatchObject({ status: 200, replayed: true });
  });

  test('costs two statements and one for each change beyond those of the mutation, a repetition one', async () => {
    // Who calls is looked up now and then, whatever the request.
    const statements = async (options?: { key: undefined }) =>
      (await statementsOf(() => send(hello(), options))).filter((text) => !text.includes('"ApiKey"')).length;
    await send(hello(), { key: undefined });
    expect((await statements()) - (await statements({ key: undefined }))).toBe(3);
    expect(await statements()).toBe(1);
  });
});

describe('a key stands for one request', () => {
  test.each<[string, () => Request]>([
    ['other variables', () => hello('Goodbye')],
    ['another text', () => ({ ...hello(), query: `${addMessage} ` })],
    ['another operation name', () => ({ ...hello(), operationName: 'Add' })],
  ])('and is refused with %s', async (_what, other) => {
    await send(hello());
    const before = await messages();
    expect(await send(other())).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await messages()).toBe(before);
  });

  test('of one API key: another one, and another workspace, have keys of their own', async () => {
    const colleague = await story.desk.withScopes('conversations:read', 'conversations:write', 'customers:read');
    const elsewhere = await tellStory(testApp, 'Elsewhere');
    const before = [await messages(), await messages(elsewhere)];
    const there = { query: addMessage, variables: { id: elsewhere.billing.id, text: 'Hello' } };
    expect(await send(hello())).toMatchObject({ status: 200, replayed: false });
    expect(await send(hello(), { desk: colleague })).toMatchObject({ status: 200, replayed: false });
    expect(await send(there, { desk: elsewhere.desk })).toMatchObject({ status: 200, replayed: false });
    expect([await messages(), await messages(elsewhere)]).toEqual([(before[0] ?? 0) + 2, (before[1] ?? 0) + 1]);
  });

  test('until it expires after a day, and then its record goes', async () => {
    await send(hello());
    await letTimePass('23 hours 59 minutes');
    expect(await send(hello('Goodbye'))).toMatchObject({ status: 422 });
    await letTimePass('2 minutes');
    expect(await send(hello('Goodbye'))).toMatchObject({ status: 200, replayed: false });

    await letTimePass('25 hours');
    await send(hello(), { key: `${key}-next` });
    expect(await records()).toEqual([]);
  });

  test.each([
    ['empty', ''],
    ['too long', 'x'.repeat(256)],
    ['with a space', 'two words'],
    ['beyond ASCII', 'schlüssel'],
  ])('and cannot be %s', async (_what, bad) => {
    const before = await messages();
    expect(await send(hello(), { key: bad })).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    expect(await messages()).toBe(before);
  });

  test('and may have 255 characters', async () => {
    expect(await send(hello(), { key: key.padEnd(255, '~!') })).toMatchObject({ status: 200 });
  });
});

describe('a key is free after', () => {
  const refused: [string, () => Request, object][] = [
    ['a document that is invalid', () => ({ query: 'mutation { nothing }' }), { status: 400 }],
    ['variables that are wrong', () => ({ query: addMessage, variables: {} }), { code: 'BAD_USER_INPUT' }],
    ['a value that breaks a rule', () => hello(' '), { status: 200, code: undefined }],
    [
      'an id of nothing',
      () => ({ query: addMessage, variables: { id: 'thd_none', text: 'x' } }),
      { status: 200, code: undefined },
    ],
  ];
  test.each(refused)('%s', async (_what, request, expected) => {
    for (let time = 1; time <= 3; time += 1) {
      expect(await send(request())).toMatchObject({ ...expected, replayed: false });
      expect(await records()).toEqual([]);
    }
    expect(await send(hello())).toMatchObject({ status: 200, replayed: false });
  });

  test('a mutation that the API key may not do', async () => {
    const reader = await story.desk.withScopes('conversations:read');
    expect(await send(hello(), { desk: reader })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await records()).toEqual([]);
  });
});

test('a query takes no key, whatever the header says', async () => {
  for (const name of ['a key', key]) {
    expect(await send({ query: '{ viewer { kind } }' }, { key: name })).toMatchObject({ status: 200, replayed: false });
  }
  expect(await records()).toEqual([]);
});

describe('a gateway that breaks down between a change and its answer', () => {
  test('by kill -9 has done it once', async () => {
    const before = await messages();
    const gateway = fork(join(import.meta.dirname, 'dying-gateway.mjs'), { execArgv: [], stdio: 'ignore' });
    gateway.send({ connection: inject('connection'), request: initOf(hello(), key, story.desk) });
    expect(await once(gateway, 'exit')).toEqual([null, 'SIGKILL']);
    expect(await messages()).toBe(before + 1);

    expect(await send(hello())).toMatchObject({ status: 409, code: 'IDEMPOTENCY_KEY_IN_USE' });
    await letTimePass('10 seconds');
    expect(await send(hello('Goodbye'))).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
    const second = await send(hello());
    expect(JSON.parse(second.text).data.addMessage).toMatchObject({ message: { text: 'Hello' }, userErrors: [] });
    expect(await send(hello())).toEqual({ ...second, replayed: true });
    expect(await messages()).toBe(before + 1);
  });

  test('is gone on from where it stopped', async () => {
    const three = {
      query: `mutation ($id: ID!) {
        one: addMessage(input: { conversationId: $id, text: "One" }) { ...Added }
        two: addMessage(input: { conversationId: $id, text: "Two" }) { ...Added }
        three: addMessage(input: { conversationId: $id, text: "Three" }) { ...Added }
      }
      fragment Added on AddMessagePayload { message { id text sentAt } conversation { version contact { id } } }`,
      variables: { id: story.billing.id },
    };
    const before = await messages();
    let left = 2;
    const failing = (database: Database): Partial<Database> => ({
      transaction: (work) => {
        left -= 1;
        return left < 0 ? Promise.reject(new Error('The connection broke.')) : database.transaction(work);
      },
    });
    const first = await withGateway(failing, (app) => send(three, { app }));
    expect(first.code).toBe('INTERNAL_SERVER_ERROR');
    expect(await messages()).toBe(before + 2);

    const second = await send(three);
    expect(second.status).toBe(200);
    const { one, two, three: third } = JSON.parse(second.text).data;
    expect([one, two, third].map(({ message }) => message.text)).toEqual(['One', 'Two', 'Three']);
    expect(third.conversation.version).toBe(one.conversation.version + 2);
    expect(await messages()).toBe(before + 3);
    expect(await send(three)).toEqual({ ...second, replayed: true });
  });

  test('and is started again alone on its database finds its keys free', async () => {
    const failing = (database: Database): Partial<Database> => ({
      transaction: async (work) => {
        await database.transaction(work);
        return new Promise(() => undefined);
      },
    });
    await withGateway(failing, async (app) => {
      void send(hello(), { app });
      await expect.poll(async () => (await records())[0]?.steps.length).toBe(1);
      expect(await send(hello())).toMatchObject({ status: 409 });
      await testApp.services.idempotency.releaseAll();
      expect(await send(hello())).toMatchObject({ status: 200, replayed: false });
    });
  });

  test('after it was taken for dead changes nothing any more', async () => {
    const before = await messages();
    const slow = (database: Database): Partial<Database> => ({
      transaction: async (work) => {
        await letTimePass('10 seconds');
        expect(await send(hello())).toMatchObject({ status: 200, replayed: false });
        return database.transaction(work);
      },
    });
    expect(await withGateway(slow, (app) => send(hello(), { app }))).toMatchObject({
      status: 409,
      code: 'IDEMPOTENCY_KEY_IN_USE',
    });
    expect(await messages()).toBe(before + 1);
  });
});

test('every write of the services goes through a transaction, where a repetition finds it', () => {
  const outside = /\bdb\.prisma\.(\w+)\.(create|update|upsert|delete)/g;
  const writes = readdirSync(join(packageRoot, 'src/modules'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const text = readFileSync(join(packageRoot, 'src/modules', name), 'utf8');
      return [...text.matchAll(outside)].map(([, model, verb]) => `${name}: ${verb} ${model}`);
    });
  // When a key was last used, and the records themselves.
  expect(writes).toEqual([
    'idempotency/idempotency.service.ts: update idempotencyRecord',
    'workspace/api-key.service.ts: update apiKey',
  ]);
});
