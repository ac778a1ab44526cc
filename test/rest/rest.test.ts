import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withoutRestoring } from '../kit/clock.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { call, expectAnswer, type RestRequest, refused } from '../kit/rest.js';
import { statementsOf } from '../kit/statements.js';
import { fillDesk, type Story, tellStory } from '../kit/story.js';

/** What holds for every route of the shim. */

let server: TestServer;
let story: Story;
let inbox: string;

beforeAll(async () => {
  server = await withoutRestoring(startTestServer);
});
beforeEach(async () => {
  story = await tellStory(server);
  inbox = `/v1/workspaces/${story.desk.workspaceId}/support/inbox`;
});
afterAll(() => server.close());

const send = (path: string, options?: RestRequest) => call(server, story.desk, path, options);

describe('a request that no route takes', () => {
  test('gets a 404 in the form of the dialect', async () => {
    for (const path of ['/v1', '/v1/nothing', '/v1/customers/ctc_1/more', '/v1/customers/%ff']) {
      expectAnswer(await send(path, { key: null }), refused(404, 'Not Found', `Cannot GET ${path}`));
    }
  });

  test('gets a 405 that names the methods', async () => {
    const answer = await send('/v1/customers', { method: 'PATCH' });
    expectAnswer(answer, refused(405, 'Method Not Allowed', 'Method PATCH is not allowed here.'));
    expect(answer.headers.get('allow')).toBe('POST, GET, HEAD');
    const lookup = await send('/v1/customers/lookup', { method: 'DELETE' });
    expect(lookup.status).toBe(405);
    expect(lookup.headers.get('allow')).toBe('GET, HEAD');
  });

  test.each([undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])(
    'gets a 415 for a body of type %s',
    async (type) => {
      const response = await fetch(`${server.origin}/v1/customers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${story.desk.key}`, ...(type && { 'content-type': type }) },
        body: new TextEncoder().encode('{"externalId":"a"}'),
      });
      expect(response.status).toBe(415);
      expect(await response.json()).toEqual(
        refused(415, 'Unsupported Media Type', 'The request body must be sent as application/json.').body,
      );
    },
  );

  test('is taken with a byte order mark, but neither in Latin-1 nor compressed', async () => {
    const post = (body: BodyInit, headers = {}) =>
      fetch(`${server.origin}/v1/customers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${story.desk.key}`, 'content-type': 'application/json', ...headers },
        body,
      });
    expect((await post('\ufeff{"externalId":"marked"}')).status).toBe(201);
    const latin = await post(Buffer.from('{"externalId":"latin","name":"Müller"}', 'latin1'));
    expect(await latin.json()).toEqual(refused(400, 'Bad Request', 'The request body is not valid JSON.').body);
    const packed = await post(gzipSync('{"externalId":"packed"}'), { 'content-encoding': 'gzip' });
    expect(await packed.json()).toEqual(
      refused(415, 'Unsupported Media Type', 'The request body must not be compressed.').body,
    );
    expect(packed.headers.get('accept-encoding')).toBe('identity');
  });

  test('gets a 413 for a body that is too large', async () => {
    const body = { externalId: 'a', name: 'x'.repeat(4 * 1_024 * 1_024) };
    const answer = await send('/v1/customers', { method: 'POST', body });
    const message = 'The request body must have at most 4194304 bytes.';
    expectAnswer(answer, refused(413, 'Payload Too Large', message));
  });

  test('gets a 401 with the documented message for every key that opens nothing', async () => {
    const message = 'Invalid API key. Please double-check and try again.';
    for (const key of [null, 'YOUR_API_KEY', 'ts_sk_live_xxxxxxxxxxxx', `${story.desk.key}x`]) {
      for (const path of ['/v1/customers', `${inbox}/customers`]) {
        const answer = await send(path, { key });
        expectAnswer(answer, refused(401, 'Unauthorized', message));
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      }
    }
  });

  test('is refused for its key before its body is read', async () => {
    const answer = await send('/v1/customers', { method: 'POST', body: '{', key: null });
    expect(answer.status).toBe(401);
  });
});

test('HEAD is answered as GET, without the body', async () => {
  const response = await fetch(`${server.origin}/v1/customers`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${story.desk.key}` },
  });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('');
});

test('dots in a path lead nowhere', async () => {
  const status = await new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.origin);
    request({ hostname, port, path: '/v1/../openapi.json', method: 'GET' }, ({ statusCode }) => resolve(statusCode))
      .on('error', reject)
      .end();
  });
  expect(status).toBe(404);
});

describe('the way forward', () => {
  test('is named in each answer of a route', async () => {
    const operationOf = async (path: string, options?: RestRequest) =>
      (await send(path, options)).headers.get('x-deskgraph-operation');
    expect(await operationOf('/v1/customers')).toBe('query customers');
    expect(await operationOf('/v1/customers', { method: 'POST', body: {} })).toBe('mutation createCustomer');
    expect(await operationOf(`${inbox}/search`, { key: null })).toBe('query search');
    expect(await operationOf('/v1/nothing')).toBeNull();
  });
});

describe('an Idempotency-Key', () => {
  const create = (externalId: string) =>
    send('/v1/customers', { method: 'POST', body: { externalId }, headers: { 'idempotency-key': 'once' } });

  test('makes a repetition answer as the first time', async () => {
    const first = await create('usr_1');
    const again = await create('usr_1');
    expect(first.status).toBe(201);
    expectAnswer(again, { status: 201, body: first.body });
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  test('is refused with another request', async () => {
    await create('usr_1');
    expect(await create('usr_2')).toMatchObject({
      status: 422,
      body: { statusCode: 422, error: 'Unprocessable Entity' },
    });
  });
});

describe('the budget of a key', () => {
  test('is that of the graph', async () => {
    const { workspaceId } = story.desk;
    const limits = { rateCapacity: 25, rateRestore: 1 };
    const { key } = await server.services.apiKeys.create({ workspaceId, kind: 'API_USER', limits });
    const body = { externalId: 'usr_1' };
    expect(await send('/v1/customers', { method: 'POST', body, key })).toMatchObject({ status: 201 });
    expect(await send('/v1/customers/lookup?externalId=usr_1', { key })).toMatchObject({ status: 200 });
    await send('/v1/customers', { method: 'POST', body, key });
    const answer = await send('/v1/customers', { method: 'POST', body, key });
    expect(answer).toMatchObject({ status: 429, body: { statusCode: 429, error: 'Too Many Requests' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('statements', () => {
  const reads: [path: string, most: number][] = [
    ['/v1/customers?limit=', 1],
    ['INBOX/customers?limit=', 2],
    ['INBOX/conversations?limit=', 1],
    ['INBOX/customers/ctc_0000/conversations?limit=', 2],
  ];
  test.each(reads)(
    'of %s are those of its operation and of its validator, whatever the page',
    async (template, most) => {
      await fillDesk(server, story.desk, { customers: 60, conversationsEach: 3 });
      for (const limit of [2, 50]) {
        const path = `${template.replace('INBOX', inbox)}${limit}`;
        // Runs are the same from the third on, when the operation is compiled.
        await send(path);
        await send(path);
        // Who has another answer is not content with a validator of a moment ago.
        const headers = { 'if-none-match': '"other"' };
        const statements = await statementsOf(async () => expect((await send(path, { headers })).status).toBe(200));
        // And one look at the outbox, for the validator.
        expect(statements).toHaveLength(most + 1);
        expect(statements.filter((text) => text.includes('AS "newest"'))).toHaveLength(1);
      }
    },
  );
});
