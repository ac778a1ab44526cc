import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Desk } from '../../kit/app.js';
import { startTestServer, type TestServer } from '../../kit/http.js';

/** What clients and proxies send that says nothing, or what no program could keep. */

let server: TestServer;
let desk: Desk;
beforeAll(async () => {
  server = await startTestServer();
  desk = await server.createDesk();
});
afterAll(() => server.close());

const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(server.origin + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${desk.key}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
};
const get = async (path: string) => {
  const response = await fetch(server.origin + path, { headers: { authorization: `Bearer ${desk.key}` } });
  return { status: response.status, body: JSON.parse(await response.text()) };
};
const query = '{ viewer { kind } }';
const answered = { status: 200, body: { data: { viewer: { kind: 'API_USER' } } } };

test.each(['/graphql/', '/graphql//', '/graphql/?x=1'])('a slash at the end says nothing: %s', async (path) => {
  expect(await post(path, { query })).toMatchObject(answered);
});

test.each(['operationName', 'variables', 'extensions', 'documentId', 'doc_id', 'id'])(
  'an empty text for %s is none',
  async (name) => {
    expect(await post('/graphql', { query, [name]: '' })).toMatchObject(answered);
    if (!/^(doc_)?id$/.test(name)) {
      expect(await get(`/graphql?${new URLSearchParams({ query, [name]: '' })}`)).toMatchObject(answered);
    }
  },
);

test('an empty operationName is none over a WebSocket, too', async () => {
  expect(await overSocket('/graphql', JSON.stringify({ query, operationName: '' }))).toEqual(answered.body);
});

test('HEAD is answered as GET, without the body', async () => {
  const path = `${server.origin}/graphql?query=${encodeURIComponent('{ customersCount }')}`;
  const headers = { authorization: `Bearer ${desk.key}` };
  const [whole, head] = [await fetch(path, { headers }), await fetch(path, { method: 'HEAD', headers })];
  expect(head.status).toBe(200);
  expect(await head.text()).toBe('');
  for (const name of ['etag', 'cache-control', 'content-type'])
    expect(head.headers.get(name)).toBe(whole.headers.get(name));
  const etag = whole.headers.get('etag') ?? '';
  expect(await fetch(path, { method: 'HEAD', headers: { ...headers, 'if-none-match': etag } })).toMatchObject({
    status: 304,
  });
});

test('whoever accepts nothing that is offered is told what is', async () => {
  const { status, headers, body } = await post('/graphql', { query }, { accept: 'text/csv' });
  expect(status).toBe(406);
  expect(headers.get('accept')).toContain('application/json');
  expect(body).toMatchObject({ errors: [{ message: expect.stringContaining('application/graphql-response+json') }] });
});

test('who follows over what streams do not come as is told what they come as', async () => {
  const { status, body } = await post(
    '/graphql',
    { query: 'subscription { conversationChanged { seq } }' },
    { accept: 'application/json' },
  );
  expect(status).toBe(406);
  expect(body.errors[0].message).toContain(
    'subscriptions as text/event-stream or multipart/mixed;subscriptionSpec=1.0',
  );
});

test.each([
  ['application/graphql-response+json;q=0.1, application/json', 'application/json'],
  ['application/json;q=0.1,application/graphql-response+json; q=0.9', 'application/graphql-response+json'],
  ['application/json;q=0, application/graphql-response+json', 'application/graphql-response+json'],
  ['text/html, image/gif, *; q=.2, */*; q=.2', 'application/json'],
  ['application/json;q=0', 'application/json'],
  ['application/json;q=abc', 'application/json'],
])('%s is answered as %s', async (accept, type) => {
  const { status, headers } = await post('/graphql', { query }, { accept });
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe(`${type}; charset=utf-8`);
});

const create = 'mutation ($i: CreateCustomerInput!) { createCustomer(input: $i) { userErrors { code } } }';

describe('variables that would not be kept are refused by name', () => {
  test.each([
    ['{"n":12345678901234567890}', 'variables.i.metadata.n'],
    ['{"a":{"__proto__":1}}', 'variables.i.metadata.a'],
  ])('%s', async (metadata, place) => {
    const body = `{"query":${JSON.stringify(create)},"variables":{"i":{"externalId":"x","metadata":${metadata}}}}`;
    const answer = await post('/graphql', body);
    expect(answer.body.errors).toMatchObject([
      { message: expect.stringContaining(place), extensions: { code: 'BAD_USER_INPUT' } },
    ]);
    expect(await overSocket('/graphql/', body)).toMatchObject([{ message: expect.stringContaining(place) }]);
    const inUrl = new URLSearchParams({ query, variables: `{"i":{"metadata":${metadata}}}` });
    expect(await get(`/graphql?${inUrl}`)).toMatchObject({
      status: 400,
      body: { errors: [{ message: expect.stringContaining(place), extensions: { code: 'BAD_USER_INPUT' } }] },
    });
    const extensions = new URLSearchParams({ query, extensions: `{"i":{"metadata":${metadata}}}` });
    expect(await get(`/graphql?${extensions}`)).toMatchObject({
      status: 400,
      body: { errors: [{ message: expect.stringContaining(place.replace('variables', 'extensions')) }] },
    });
  });
});

/** What a request over a WebSocket at the path is answered with first. */
function overSocket(path: string, payload: string): Promise<unknown> {
  const socket = new WebSocket(server.origin.replace('http', 'ws') + path, 'graphql-transport-ws');
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`Closed with ${code}.`)));
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${desk.key}` } })),
    );
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      if (message.type === 'connection_ack') socket.send(`{"type":"subscribe","id":"1","payload":${payload}}`);
      else if (message.type === 'error' || message.type === 'next') {
        resolve(message.payload);
        socket.close();
      }
    });
  });
}
