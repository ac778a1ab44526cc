import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withoutRestoring } from '../../kit/clock.js';
import { startTestServer, type TestServer } from '../../kit/http.js';

/** What a browser lets a page of another origin do, by the headers that it goes by. */

let server: TestServer;
let workspaceId: string;
let key: string;

beforeAll(async () => {
  server = await withoutRestoring(startTestServer);
  ({ workspaceId, key } = await server.createDesk());
});
afterAll(() => server.close());

const origin = 'https://desk.example';
const upsert = 'mutation { upsertCustomer(input: { externalId: "usr_cors" }) { result } }';
const listed = (value: string | null): string[] => (value ?? '').toLowerCase().split(/, */);

async function post(headers: Record<string, string> = {}, query = '{ viewer { kind } }'): Promise<Response> {
  const response = await fetch(server.endpoint, {
    method: 'POST',
    headers: { origin, authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  await response.arrayBuffer();
  return response;
}

describe('a front end of another origin', () => {
  test('may ask with its headers, and need not ask anew whether it may', async () => {
    const wanted = ['authorization', 'content-type', 'idempotency-key', 'x-deskgraph-cost'];
    const { status, headers } = await fetch(server.endpoint, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': wanted.join(),
      },
    });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('vary')).toContain('Origin');
    expect(listed(headers.get('access-control-allow-methods'))).toEqual(['get', 'post']);
    expect(listed(headers.get('access-control-allow-headers'))).toEqual(wanted);
    expect(Number(headers.get('access-control-max-age'))).toBeGreaterThan(60);
  });

  test('sends no cookies', async () => {
    expect((await post()).headers.get('access-control-allow-credentials')).toBeNull();
  });

  /** Expects that the page may read the answer and this header of it, and answers the header. */
  const readable = ({ headers }: Response, name: string): string | null => {
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(listed(headers.get('access-control-expose-headers'))).toContain(name);
    return headers.get(name);
  };

  test('reads that an answer is a repeated one', async () => {
    const once = { 'idempotency-key': 'from-a-browser' };
    expect(readable(await post(once, upsert), 'idempotency-replayed')).toBeNull();
    expect(readable(await post(once, upsert), 'idempotency-replayed')).toBe('true');
  });

  test('reads when to come back', async () => {
    const limits = { rateCapacity: 15, rateRestore: 1 };
    const slow = await server.services.apiKeys.create({ workspaceId, kind: 'API_USER', limits });
    const authorization = `Bearer ${slow.key}`;
    expect((await post({ authorization }, upsert)).status).toBe(200);
    const refused = await post({ authorization }, upsert);
    expect(refused.status).toBe(429);
    expect(Number(readable(refused, 'retry-after'))).toBeGreaterThan(0);
  });

  test('reads that its key is refused', async () => {
    const refused = await post({ authorization: '' });
    expect(refused.status).toBe(401);
    expect(readable(refused, 'www-authenticate')).toBe('Bearer');
  });
});
