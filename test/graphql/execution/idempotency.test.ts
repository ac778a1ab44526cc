import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../../src/db/ids.js';
import { packageRoot } from '../../../src/lib/process/root.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import {
  addMessage,
  countMessages,
  hello,
  type KeyedAnswer,
  type KeyedRequest,
  letTimePass,
  recordsOf,
  sendKeyed,
  withGateway,
} from '../../kit/keyed.js';
import { statementsOf } from '../../kit/statements.js';
import { type Story, tellStory } from '../../kit/story.js';

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

const send = (
  request: KeyedRequest,
  options: { key?: string | undefined; desk?: Desk; app?: TestApp['app'] } = {},
): Promise<KeyedAnswer> =>
  sendKeyed(options.app ?? testApp.app, options.desk ?? story.desk, request, 'key' in options ? options.key : key);

const messages = (of = story) => countMessages(testApp, of);

describe('a mutation that is sent again with its key', () => {
  test('is answered to the letter as the first time, and not done again', async () => {
    const first = await send(hello(story));
    const count = await messages();
    expect(first).toMatchObject({ status: 200, replayed: false, code: undefined });
    expect(await send(hello(story))).toEqual({ ...first, replayed: true });
    expect(await messages()).toBe(count);
  });

  test('is answered so by another process too', async () => {
    const first = await send(hello(story));
    const second = await withGateway(
      () => ({}),
      (app) => send(hello(story), { app }),
    );
    expect(second).toEqual({ ...first, replayed: true });
  });

  test('fifty times at once is done once', async () => {
    const before = await messages();
    const sendUntilAnswered = async (): Promise<KeyedAnswer> => {
      for (;;) {
        const answer = await send(hello(story));
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
    const { query, variables } = hello(story);
    const reversed = Object.fromEntries(Object.entries(variables as object).reverse());
    await send({ query, variables });
    expect(await send({ query, variables: reversed })).toMatchObject({ status: 200, replayed: true });
  });

  test('costs two statements and one for each change beyond those of the mutation, a repetition one', async () => {
    // Who calls is looked up now and then, whatever the request.
    const statements = async (options?: { key: undefined }) =>
      (await statementsOf(() => send(hello(story), options))).length;
    await send(hello(story), { key: undefined });
    expect((await statements()) - (await statements({ key: undefined }))).toBe(3);
    expect(await statements()).toBe(1);
  });
});

describe('a key stands for one request', () => {
  test.each<[string, () => KeyedRequest]>([
    ['other variables', () => hello(story, 'Goodbye')],
    ['another text', () => ({ ...hello(story), query: `${addMessage} ` })],
    ['another operation name', () => ({ ...hello(story), operationName: 'Add' })],
  ])('and is refused with %s', async (_what, other) => {
    await send(hello(story));
    const before = await messages();
    expect(await send(other())).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await messages()).toBe(before);
  });

  test('of one API key: another one, and another workspace, have keys of their own', async () => {
    const colleague = await story.desk.withScopes('conversations:read', 'conversations:write', 'customers:read');
    const elsewhere = await tellStory(testApp, 'Elsewhere');
    const before = [await messages(), await messages(elsewhere)];
    const there = { query: addMessage, variables: { id: elsewhere.billing.id, text: 'Hello' } };
    expect(await send(hello(story))).toMatchObject({ status: 200, replayed: false });
    expect(await send(hello(story), { desk: colleague })).toMatchObject({ status: 200, replayed: false });
    expect(await send(there, { desk: elsewhere.desk })).toMatchObject({ status: 200, replayed: false });
    expect([await messages(), await messages(elsewhere)]).toEqual([(before[0] ?? 0) + 2, (before[1] ?? 0) + 1]);
  });

  test('until it expires after a day, and then its record goes', async () => {
    await send(hello(story));
    await letTimePass(testApp, key, '23 hours 59 minutes');
    expect(await send(hello(story, 'Goodbye'))).toMatchObject({ status: 422 });
    await letTimePass(testApp, key, '2 minutes');
    expect(await send(hello(story, 'Goodbye'))).toMatchObject({ status: 200, replayed: false });

    await letTimePass(testApp, key, '25 hours');
    await send(hello(story), { key: `${key}-next` });
    expect(await recordsOf(testApp, key)).toEqual([]);
  });

  test.each([
    ['empty', ''],
    ['too long', 'x'.repeat(256)],
    ['with a space', 'two words'],
    ['beyond ASCII', 'schlüssel'],
  ])('and cannot be %s', async (_what, bad) => {
    const before = await messages();
    expect(await send(hello(story), { key: bad })).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    expect(await messages()).toBe(before);
  });

  test('and may have 255 characters', async () => {
    expect(await send(hello(story), { key: key.padEnd(255, '~!') })).toMatchObject({ status: 200 });
  });
});

describe('a key is free after', () => {
  const refused: [string, () => KeyedRequest, object][] = [
    ['a document that is invalid', () => ({ query: 'mutation { nothing }' }), { status: 400 }],
    ['variables that are wrong', () => ({ query: addMessage, variables: {} }), { code: 'BAD_USER_INPUT' }],
    ['a value that breaks a rule', () => hello(story, ' '), { status: 200, code: undefined }],
    [
      'an id of nothing',
      () => ({ query: addMessage, variables: { id: 'thd_none', text: 'x' } }),
      { status: 200, code: undefined },
    ],
  ];
  test.each(refused)('%s', async (_what, request, expected) => {
    for (let time = 1; time <= 3; time += 1) {
      expect(await send(request())).toMatchObject({ ...expected, replayed: false });
      expect(await recordsOf(testApp, key)).toEqual([]);
    }
    expect(await send(hello(story))).toMatchObject({ status: 200, replayed: false });
  });

  test('a mutation that the API key may not do', async () => {
    const reader = await story.desk.withScopes('conversations:read');
    expect(await send(hello(story), { desk: reader })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await recordsOf(testApp, key)).toEqual([]);
  });
});

test('a query takes no key, whatever the header says', async () => {
  for (const name of ['a key', key]) {
    expect(await send({ query: '{ viewer { kind } }' }, { key: name })).toMatchObject({ status: 200, replayed: false });
  }
  expect(await recordsOf(testApp, key)).toEqual([]);
});

test('every write of the services goes through a transaction, where a repetition finds it', () => {
  const outside = /\bdb\.prisma\.(\w+)\.(create|update|upsert|delete)/g;
  const source = join(packageRoot, 'src');
  const writes = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^(auth|modules)\b.+\.ts$/.test(name))
    .flatMap((name) => {
      const text = readFileSync(join(source, name), 'utf8');
      return [...text.matchAll(outside)].map(([, model, verb]) => `${name}: ${verb} ${model}`);
    })
    .sort();
  // When a key was last used, and the records themselves.
  expect(writes).toEqual([
    'auth/credentials.ts: update apiKey',
    'modules/idempotency/idempotency.service.ts: update idempotencyRecord',
  ]);
});
