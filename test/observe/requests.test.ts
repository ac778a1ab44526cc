import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { createLog } from '../../src/lib/process/log.js';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';

/** What operators see of single requests: their ids, and the lines of the access log. */

const lines: Record<string, unknown>[] = [];
const log = createLog('debug', { write: (line) => void lines.push(JSON.parse(line)) });

let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startTestServer({ log });
});
beforeEach(async () => {
  desk = await server.createDesk();
  lines.length = 0;
});
afterAll(() => server.close());

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

interface Sent {
  path?: string;
  body?: string;
  headers?: Record<string, string>;
  method?: string;
}

const send = async ({ path = '/graphql', body, headers = {}, method }: Sent) => {
  const response = await fetch(server.origin + path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    redirect: 'manual',
    headers: { authorization: `Bearer ${desk.key}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  return { status: response.status, id: response.headers.get('x-request-id'), text };
};

const ask = (query: string, headers?: Record<string, string>) =>
  send({ body: JSON.stringify({ query }), ...(headers && { headers }) });

const requests = () => lines.filter(({ msg }) => msg === 'request');

describe('every answer bears an id', () => {
  test.each<[string, Sent, number]>([
    ['of the graph', { body: '{"query":"{ conversations { totalCount } }"}' }, 200],
    ['of the graph to nobody', { body: '{}', headers: { authorization: '' } }, 401],
    ['of the graph to a form', { body: 'a=b', headers: { 'content-type': 'text/plain' } }, 415],
    [
      'of the graph to who accepts nothing',
      { body: '{"query":"{ __typename }"}', headers: { accept: 'image/png' } },
      406,
    ],
    ['to what is too large', { body: JSON.stringify({ query: 'x'.repeat(5_000_000) }) }, 413],
    ['of REST', { path: '/v1/customers' }, 200],
    ['of REST to a path that there is not', { path: '/v1/nothing' }, 404],
    ['of REST to nobody', { path: '/v1/customers', headers: { authorization: '' } }, 401],
    ['of a page', { path: '/docs' }, 200],
    ['of a path that there is not', { path: '/nothing' }, 404],
    ['of the first page', { path: '/' }, 200],
    ['of mails that come in', { path: '/inbound/email' }, 405],
    ['of reports', { path: '/leaked-keys' }, 405],
    ['of what operators ask', { path: '/health' }, 200],
  ])('%s', async (_what, sent, status) => {
    const made = await send(sent);
    expect(made).toMatchObject({ status, id: expect.stringMatching(uuid) });
    const taken = await send({ ...sent, headers: { ...sent.headers, 'x-request-id': 'from-a.proxy:7' } });
    expect(taken).toMatchObject({ status, id: 'from-a.proxy:7' });
    await expect.poll(() => requests().map(({ requestId }) => requestId)).toEqual([made.id, taken.id]);
  });

  test.each(['', 'has a space', 'ada@example.com', '"quoted"', 'x'.repeat(129), 'é'])(
    'of its own where %j was given',
    async (given) => {
      expect((await send({ path: '/health', headers: { 'x-request-id': given } })).id).toMatch(uuid);
    },
  );

  test('also beside an error of the graph, whatever is wrong', async () => {
    for (const query of [
      '{',
      '{ nothing }',
      '{ conversation(id: "x") { subject } }',
      'query A { __typename } query B { a }',
    ]) {
      const { id, text } = await ask(query);
      const { errors } = JSON.parse(text);
      expect(errors).not.toEqual([]);
      for (const { extensions } of errors)
        expect(extensions).toMatchObject({ code: expect.any(String), requestId: id });
    }
    // The same error comes from a cache the second time.
    const { id, text } = await ask('{ nothing }');
    expect(JSON.parse(text).errors[0].extensions.requestId).toBe(id);
  });

  test('each operation of a WebSocket has that of its connection and its number', async () => {
    const socket = new WebSocket(server.endpoint.replace('http', 'ws'), 'graphql-transport-ws', {
      headers: { 'x-request-id': 'live-1' },
    });
    const [[response]] = await Promise.all([once(socket, 'upgrade'), once(socket, 'open')]);
    expect(response.headers['x-request-id']).toBe('live-1');
    const received: { type: string; payload: { extensions?: object }[] }[] = [];
    socket.on('message', (data) => received.push(JSON.parse(String(data))));
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${desk.key}` } }));
    await expect.poll(() => received.length).toBe(1);
    socket.send(JSON.stringify({ type: 'subscribe', id: 'a', payload: { query: 'query Nothing { nothing }' } }));
    await expect.poll(() => received.length).toBe(2);
    expect(received[1]?.payload[0]?.extensions).toMatchObject({ requestId: 'live-1-1' });
    const query = 'subscription Live { changes { seq } }';
    socket.send(JSON.stringify({ type: 'subscribe', id: 'b', payload: { query } }));
    socket.send(
      JSON.stringify({ type: 'subscribe', id: 'c', payload: { query: 'query Page { conversations { totalCount } }' } }),
    );
    await expect.poll(() => received.at(-1)?.type).toBe('complete');
    socket.close();
    await expect
      .poll(() => requests().map(({ requestId, operation, method }) => [requestId, operation, method]))
      .toEqual([
        ['live-1-1', undefined, 'WEBSOCKET'],
        ['live-1-3', 'Page', 'WEBSOCKET'],
        ['live-1-2', 'Live', 'WEBSOCKET'],
      ]);
  });

  test('also what a stream of events ends with', async () => {
    const query = 'subscription { changes(after: "999999999999") { seq } }';
    const { id, text } = await ask(query, { accept: 'text/event-stream' });
    expect(text).toContain(`"requestId":"${id}"`);
  });
});

describe('the access log', () => {
  test('says of a request what it was, whose, and what it took', async () => {
    const { id } = await ask('query Inbox { conversations { totalCount } }');
    await expect.poll(requests).toHaveLength(1);
    const [line] = requests();
    expect(line).toEqual({
      level: 30,
      time: expect.any(Number),
      msg: 'request',
      requestId: id,
      method: 'POST',
      status: 200,
      bytes: expect.any(Number),
      route: '/graphql',
      operation: 'Inbox',
      keyId: expect.stringMatching(/^key_/),
      workspaceId: desk.workspaceId,
      cost: expect.any(Number),
      durationMs: expect.any(Number),
      credential: 'key',
      statements: expect.any(Number),
      statementMs: expect.any(Number),
    });
    expect(line?.bytes).toBeGreaterThan(100);
  });

  test('names the pattern of a path, its codes, and nothing that a client wrote', async () => {
    await send({ path: '/v1/customers/cus_secretive?email=ada@example.com' });
    await send({
      path: `/graphql?query=${encodeURIComponent('{ customer(id: "cus_secretive") { id } }')}&token=hidden`,
    });
    await send({ path: '/cus_secretive/ada@example.com' });
    await expect.poll(requests).toHaveLength(3);
    expect(requests().map(({ route, errors }) => [route, errors])).toEqual([
      ['/v1/customers/{id}', ['HTTP_404']],
      ['/graphql', ['BAD_USER_INPUT']],
      ['/*', ['HTTP_404']],
    ]);
    const text = JSON.stringify(lines);
    for (const secret of ['secretive', 'ada@', 'hidden', desk.key]) expect(text).not.toContain(secret);
  });

  test('tells of what operators ask only those who debug', async () => {
    await send({ path: '/health' });
    await expect.poll(requests).toMatchObject([{ level: 20, route: '/health', status: 200 }]);
  });

  test('has no line for requests when it is off', async () => {
    const quiet = await startTestServer({ log, accessLog: false });
    try {
      const response = await fetch(`${quiet.origin}/v1/nothing`);
      expect(response.headers.get('x-request-id')).toMatch(uuid);
      await response.text();
    } finally {
      await quiet.close();
    }
    expect(requests()).toEqual([]);
  });
});

test('each line of the log that a request causes bears its id', async () => {
  await server.database.prisma.$executeRawUnsafe('ALTER TABLE "Campaign" RENAME TO "Campaigns"');
  try {
    const { id, text } = await ask('{ campaigns { nodes { id } } }');
    expect(JSON.parse(text).errors[0].extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', requestId: id });
    const { id: other } = await send({ path: '/v1/campaigns' });
    await expect.poll(requests).toHaveLength(2);
    expect(other).not.toBe(id);
    expect(lines.filter(({ level }) => Number(level) >= 50)).toMatchObject([{ requestId: id }]);
  } finally {
    await server.database.prisma.$executeRawUnsafe('ALTER TABLE "Campaigns" RENAME TO "Campaign"');
  }
});
