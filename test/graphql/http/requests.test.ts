import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../../kit/app.js';
import { startTestServer, type TestServer } from '../../kit/http.js';

let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startTestServer();
  desk = await server.createDesk();
});
afterAll(() => server.close());

const who = '{ viewer { kind } }';
const markRead = 'mutation { markConversationRead(input: { id: "thd_none" }) { userErrors { code } } }';

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  code: unknown;
}

/** Sends what `init` says, with the key unless it brings another authorization. */
async function send(init: RequestInit, path = '/graphql'): Promise<Answer> {
  const headers = new Headers(init.headers);
  if (!headers.has('authorization')) headers.set('authorization', `Bearer ${desk.key}`);
  const response = await fetch(server.origin + path, { ...init, headers });
  const text = await response.text();
  const answer = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: response.status, headers: response.headers, text, code: answer.errors?.[0]?.extensions?.code };
}

const post = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  send({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const get = (parameters: Record<string, string>): Promise<Answer> =>
  send({ headers: { accept: 'application/json' } }, `/graphql?${new URLSearchParams(parameters)}`);

describe('a request without a valid key', () => {
  const refused = async (authorization: string, body: unknown = { query: who }) => {
    const { status, code, headers } = await post(body, { authorization });
    return { status, code, challenge: headers.get('www-authenticate') };
  };
  const unauthenticated = { status: 401, code: 'UNAUTHENTICATED', challenge: 'Bearer' };

  test('is refused when it has none', async () => {
    expect(await refused('')).toEqual(unauthenticated);
    expect(await refused('Basic dXNlcjpwYXNz')).toEqual(unauthenticated);
  });

  test('is refused when the key is mistyped', async () => {
    expect(await refused(`Bearer ${desk.key.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x'))}`)).toEqual(
      unauthenticated,
    );
  });

  test('is refused when the key was revoked or has expired', async () => {
    const { workspaceId } = desk;
    const revoked = await server.services.apiKeys.create({ workspaceId, kind: 'API_USER' });
    await server.services.apiKeys.revoke(workspaceId, revoked.id);
    const expired = await server.services.apiKeys.create({
      workspaceId,
      kind: 'API_USER',
      expiresAt: new Date(Date.now() - 1000),
    });
    expect(await refused(`Bearer ${revoked.key}`)).toEqual(unauthenticated);
    expect(await refused(`Bearer ${expired.key}`)).toEqual(unauthenticated);
  });

  test('is refused before anything of it is read', async () => {
    for (const body of ['{{{', '', '{}', { query: '{{{' }, { query: '{ nothing }' }, nestedVariables(100_000)]) {
      expect(await refused('', body)).toEqual(unauthenticated);
    }
  });

  test('learns nothing of the schema', async () => {
    const { status, text } = await post({ query: '{ conversationz }' }, { authorization: '' });
    expect(status).toBe(401);
    expect(text).not.toContain('conversation');
  });
});

describe('what a browser sends across sites without asking', () => {
  test.each([
    ['application/x-www-form-urlencoded', new URLSearchParams({ query: markRead })],
    ['multipart/form-data', formOf({ operations: JSON.stringify({ query: markRead }) })],
    ['text/plain', JSON.stringify({ query: markRead })],
  ])('is refused as %s', async (_type, body) => {
    expect(await send({ method: 'POST', body })).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });
});

describe('a body that is not JSON as it is', () => {
  const sendAs = (headers: Record<string, string>, body: BodyInit = JSON.stringify({ query: who })) =>
    send({ method: 'POST', headers, body });

  test('is taken whatever the case of its media type, and with a byte order mark', async () => {
    for (const type of ['Application/JSON;Charset="UTF-8"', 'application/json ; charset=utf-8']) {
      expect(await sendAs({ 'content-type': type })).toMatchObject({ status: 200, code: undefined });
    }
    expect(await post(`\ufeff${JSON.stringify({ query: who })}`)).toMatchObject({ status: 200, code: undefined });
  });

  test('is refused as the type of an answer, and compressed', async () => {
    const unsupported = { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' };
    expect(await sendAs({ 'content-type': 'application/graphql-response+json' })).toMatchObject(unsupported);
    const packed = gzipSync(JSON.stringify({ query: who }));
    const answer = await sendAs({ 'content-type': 'application/json', 'content-encoding': 'gzip' }, packed);
    expect(answer).toMatchObject(unsupported);
    expect(answer.headers.get('accept-encoding')).toBe('identity');
  });

  test('is refused when it is not UTF-8, so that nothing is stored as it was not meant', async () => {
    const body = Buffer.from(JSON.stringify({ query: '{ customer(id: "Müller") { id } }' }), 'latin1');
    const answer = await sendAs({ 'content-type': 'application/json' }, body);
    expect(answer).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  });
});

describe('a body that is too much', () => {
  test('is refused by its announced length', async () => {
    const answer = await post({ query: who, variables: { padding: 'x'.repeat(4 * 1024 * 1024) } });
    expect(answer).toMatchObject({ status: 413, code: 'REQUEST_ENTITY_TOO_LARGE' });
  });

  test('is refused while it streams in, and the gateway goes on', async () => {
    expect(await streamMebibytes(6)).toBe(413);
    expect(await post({ query: who })).toMatchObject({ status: 200, code: undefined });
  });

  test('is refused with thousands of nested braces', async () => {
    for (const braces of [100, 1_300, 3_000, 100_000]) {
      const answer = await post({ query: '{a'.repeat(braces) + '}'.repeat(braces) });
      expect(answer).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
      expect(answer.text).not.toMatch(/RangeError|\bat \w+ \(/);
    }
  });

  test('is refused with deeply nested lists and types', async () => {
    const [open, close] = ['['.repeat(1_900), ']'.repeat(1_900)];
    for (const query of [
      `{ node(id: ${open}${close}) { id } }`,
      `query ($id: ${open}ID${close}) { node(id: $id) { id } }`,
    ]) {
      expect(await post({ query })).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    }
  });

  test('is refused with more than 4,000 tokens, whatever type the client accepts', async () => {
    const inlined = (count: number) => `{ ${'...{__typename} '.repeat(count)} }`;
    for (const accept of ['*/*', 'application/json', 'application/graphql-response+json']) {
      expect(await post({ query: inlined(1_000) }, { accept })).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    }
    const fitting = await post({ query: `{ node(id: [${'1 '.repeat(3_980)}]) { id } }` });
    expect(fitting.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test('is refused with variables nested 100,000 deep', async () => {
    expect(await post(nestedVariables(100_000))).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  });
});

describe('a body that is not a request', () => {
  test.each([
    ['a batch', [{ query: who }, { query: who }]],
    ['null', 'null'],
    ['a text', '"{ viewer { kind } }"'],
    ['cut off', '{"query":'],
    ['empty', ''],
  ])('is refused when it is %s', async (_what, body) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect(answer.text).not.toContain('SyntaxError');
  });
});

describe('a GET request', () => {
  test('reads', async () => {
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    const { status, text } = await get({ query, variables: JSON.stringify({ ids: ['thd_none'] }) });
    expect({ status, text }).toEqual({ status: 200, text: '{"data":{"nodes":[null]}}' });
  });

  test('does not write', async () => {
    const { status, headers } = await get({ query: markRead });
    expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow: 'POST' });
  });

  test('is refused when its variables are not JSON', async () => {
    expect(await get({ query: who, variables: '{' })).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect(await get({ query: who, variables: '['.repeat(4_000) })).toMatchObject({
      status: 400,
      code: 'BAD_USER_INPUT',
    });
  });
});

test.each(['[', 'a b', 'host:99999'])('a Host that is none is refused without a word: %s', async (host) => {
  const asked = httpRequest(server.endpoint, { headers: { host } }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(400);
  expect((await response.toArray()).join('')).toBe('');
});

test.each([
  ['/ready', 200],
  ['?a=b', 200],
  ['/v1/customers?limit=1', 401],
  [`/graphql?${new URLSearchParams({ query: who })}`, 401],
])('a target with the host before it, as proxies send it, leads where it does without: %s', async (path, status) => {
  const { hostname, port } = new URL(server.origin);
  const asked = httpRequest({ hostname, port, path: `http://desk.example${path}` }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(status);
});

test('other methods are refused, naming those that work', async () => {
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    const { status, headers } = await send({ method });
    expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow: 'GET, POST' });
  }
});

describe('what operators ask', () => {
  test('/health says that the process lives, /ready that it can serve, both without a key', async () => {
    for (const path of ['/health', '/ready']) {
      const response = await fetch(server.origin + path);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(await response.json()).toEqual({ status: 'ok' });
    }
  });
});

const nestedVariables = (depth: number): string =>
  `{"query":"${who}","variables":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;

function formOf(fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

/** Sends a body of unannounced length and answers the status. */
async function streamMebibytes(count: number): Promise<number | undefined> {
  const request = httpRequest(server.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${desk.key}` },
  });
  // The server may hang up once it has answered.
  request.on('error', () => undefined);
  const answered = once(request, 'response');
  for (let sent = 0; sent < count; sent += 1) request.write(Buffer.alloc(1024 * 1024, ' '));
  request.end();
  const [response] = await answered;
  response.resume();
  return response.statusCode;
}
