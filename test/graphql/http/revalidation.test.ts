import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../../kit/app.js';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { statementsOf } from '../../kit/statements.js';

/** Answers that clients have already are not made again, and not sent again. */

let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startTestServer();
  desk = await server.createDesk();
  for (let place = 0; place < 5; place += 1) await change(`first-${place}-${'long'.repeat(50)}`);
});
afterAll(() => server.close());

const inbox =
  '{ conversations(first: 5) { totalCount nodes { id subject contact { name } messages(last: 2) { nodes { text } } } } }';
const list = '/v1/customers?limit=5';

async function ask(path: string, headers: Record<string, string> = {}, key = desk.key) {
  const answer = await fetch(`${server.origin}${path}`, { headers: { authorization: `Bearer ${key}`, ...headers } });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, etag: answer.headers.get('etag') ?? '', text };
}

const graphql = (query: string): string => `/graphql?query=${encodeURIComponent(query)}`;

async function change(externalId: string): Promise<void> {
  const answer = await fetch(`${server.origin}/v1/customers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${desk.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ externalId, email: `${externalId}@example.com` }),
  });
  expect(answer.status).toBe(201);
}

const paths: [string, string][] = [
  ['a query of the inbox', graphql(inbox)],
  ['a list of TidySupport', list],
  ['introspection', graphql('{ __schema { types { name } } }')],
];

describe.each(paths)('%s over GET', (_name, path) => {
  test('is answered 304 to who has it, by one look at the outbox', async () => {
    const first = await ask(path);
    expect(first.status).toBe(200);
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    expect(first.headers.get('vary')).toContain('Authorization');
    let again = first;
    const statements = await statementsOf(async () => {
      again = await ask(path, { 'if-none-match': `"other", ${first.etag}` });
    });
    expect(again).toMatchObject({ status: 304, text: '', etag: first.etag });
    expect(again.headers.get('content-type')).toBeNull();
    expect(statements.filter((text) => !text.includes('"DomainEvent"'))).toEqual([]);
    expect(statements.length).toBeLessThanOrEqual(2);
  });

  test('is answered anew after a change, and to other keys', async () => {
    const { etag } = await ask(path);
    const { key: other } = await desk.withScopes('customers:read', 'conversations:read');
    expect((await ask(path, { 'if-none-match': etag }, other)).status).toBe(200);
    await change(`changed-by-${paths.findIndex(([, one]) => one === path)}`);
    const after = await ask(path, { 'if-none-match': etag });
    expect(after.status).toBe(200);
    expect(after.etag).not.toBe(etag);
  });
});

test('who asks without a validator right after a change gets that of the present state', async () => {
  const before = await ask(list);
  await change('right-after');
  const after = await ask(list);
  expect(after.text).toContain('right-after');
  expect(after.etag).not.toBe(before.etag);
  expect((await ask(list, { 'if-none-match': after.etag })).status).toBe(304);
});

test.each([
  ['keys, which show their last use', graphql('{ apiKeys(first: 1) { nodes { id } } }')],
  [
    'a filter by snoozes, which end by themselves',
    graphql('{ conversations(filter: { isSnoozed: false }) { totalCount } }'),
  ],
  [
    'a filter by snoozes in the variables',
    `${graphql('query ($f: ConversationFilter) { conversations(filter: $f) { totalCount } }')}&variables=${encodeURIComponent('{"f":{"isSnoozed":false}}')}`,
  ],
  ['the end of a snooze', graphql('{ conversations { nodes { snoozedUntil } } }')],
  ['what has errors', graphql('{ conversation(id: "nothing") { id } }')],
])('%s is made anew each time', async (_name, path) => {
  const { headers } = await ask(path);
  expect([headers.get('etag'), headers.get('cache-control')]).toEqual([null, 'private, no-store']);
});

test('a validator is of one question', async () => {
  const { etag } = await ask(graphql(inbox));
  expect((await ask(graphql(inbox.replace('first: 5', 'first: 6')), { 'if-none-match': etag })).status).toBe(200);
  expect((await ask(list, { 'if-none-match': etag })).status).toBe(200);
});

test('any answer will do for who sends *, but what is not there is not found', async () => {
  const any = { 'if-none-match': '*' };
  expect(await ask(list, any)).toMatchObject({ status: 304, text: '', etag: (await ask(list)).etag });
  expect((await ask('/v1/customers/ctc_nobody', any)).status).toBe(404);
});

describe.each(paths.slice(1))('%s', (_name, path) => {
  test.each(['gzip', 'br'])('is sent as %s to who accepts it', async (coding) => {
    const [plain, small] = await Promise.all([
      ask(path, { 'accept-encoding': 'identity' }),
      ask(path, { 'accept-encoding': coding }),
    ]);
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(small.headers.get('content-encoding')).toBe(coding);
    expect(small.headers.get('vary')).toContain('Accept-Encoding');
    expect(small.text).toBe(plain.text);
  });
});
