import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Desk } from '../kit/app.js';
import { testConnection } from '../kit/connection.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { type DatabaseProxy, openProxy } from '../kit/proxy.js';
import { call } from '../kit/rest.js';

/** What the callers of each dialect are told while there is no database. */

let proxy: DatabaseProxy;
let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  proxy = await openProxy(testConnection());
  server = await startTestServer({ connection: proxy.connection });
  desk = await server.createDesk();
});
afterAll(async () => {
  await server.close();
  await proxy.close();
});

const message = 'The service is not available right now; try again in a few seconds.';

test('they are told when to come back, in the form of the dialect', async () => {
  const { workspaceId } = desk;
  const dialects = [
    ['/v1/customers', { statusCode: 503, error: 'Service Unavailable', message }],
    [
      `/api/v1/teams/${workspaceId}/customers`,
      { success: false, error: { type: 'api_error', code: 'service_unavailable', message, param: null } },
    ],
    [
      '/customers',
      { success: false, error: 'SERVICE_UNAVAILABLE', code: 'SERVICE_UNAVAILABLE', message, statusCode: 503 },
    ],
  ] as const;
  for (const [path] of dialects) expect(await call(server, desk, path)).toMatchObject({ status: 200 });
  await proxy.close();
  for (const [path, body] of dialects) {
    await expect.poll(() => call(server, desk, path)).toMatchObject({ status: 503, body });
    const { headers } = await call(server, desk, path);
    expect(headers.get('retry-after')).toBe('2');
  }
  await proxy.open();
  for (const [path] of dialects) {
    await expect.poll(() => call(server, desk, path)).toMatchObject({ status: 200 });
  }
});
