import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../kit/http.js';

let server: TestServer;
let key: string;

beforeAll(async () => {
  server = await startTestServer();
  key = (await server.createDesk()).key;
});
afterAll(() => server.close());

const fetchWithKey = (input: string, init: RequestInit = {}): Promise<Response> => {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${key}`);
  return fetch(input, { ...init, headers });
};

const audits = serverAudits({ url: () => server.endpoint, fetchFn: fetchWithKey });

describe('GraphQL over HTTP, as its specification wants it', () => {
  test('is asked for by all 61 audits', () => {
    expect(audits).toHaveLength(61);
  });

  test.each(audits)('$id $name', async ({ fn, id, name }) => {
    expect(await fn()).toEqual({ id, name, status: 'ok' });
  });
});
