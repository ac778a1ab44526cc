import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { memoryStore } from '../../src/lib/process/cache.js';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';

/** Hashes of what others may have asked. */

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ queries: memoryStore() });
});
afterAll(() => server.close());

const query = '{ customers(filter: { email: { eq: "jane@example.com" } }) { totalCount } }';
const sha256Hash = createHash('sha256').update(query).digest('hex');

async function send({ key }: Desk, text?: string): Promise<unknown> {
  const response = await fetch(server.endpoint, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: text, extensions: { persistedQuery: { version: 1, sha256Hash } } }),
  });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: { message: string }[] };
  return data ?? errors?.map(({ message }) => message);
}

test('a hash does not tell what another workspace has asked', async () => {
  const [own, other] = [await server.createDesk(), await server.createDesk()];
  const found = { customers: { totalCount: 0 } };
  expect(await send(own, query)).toEqual(found);
  expect(await send(own)).toEqual(found);
  expect(await send(other)).toEqual(['PersistedQueryNotFound']);
});
