import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../src/app.js';
import { openDatabase } from '../src/db/database.js';
import { createLog } from '../src/lib/process/log.js';
import { testConnection } from './kit/connection.js';

/** A gateway over the database of the run, or over one that is not there. */
async function listenOver(connection: pg.PoolConfig): Promise<{ url: string; close(): Promise<void> }> {
  const database = openDatabase(connection);
  const app = await createApp({ database, log: createLog('silent') });
  const http: Server = createServer(app.listener);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async close() {
      await new Promise((resolve) => http.close(resolve));
      await app.close();
      await database.close();
    },
  };
}

describe('operators', () => {
  let gateway: Awaited<ReturnType<typeof listenOver>>;
  beforeAll(async () => {
    gateway = await listenOver(testConnection());
  });
  afterAll(() => gateway.close());

  test('hear from /health and /ready that all is well', async () => {
    for (const path of ['/health', '/ready']) {
      const response = await fetch(gateway.url + path);
      expect([path, response.status, await response.json()]).toEqual([path, 200, { status: 'ok' }]);
    }
  });

  test('read at /metrics how requests went, and nothing of any workspace', async () => {
    await (await fetch(`${gateway.url}/graphql`, { method: 'POST', body: '{}' })).text();
    const response = await fetch(`${gateway.url}/metrics`);
    const text = await response.text();
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(text).toMatch(/deskgraph_http_request_duration_seconds_count\{method="POST",status="4\d\d"\} 1/);
    expect(text).toContain('deskgraph_database_connections{state="waiting"} 0');
    expect(text).toContain('process_cpu_user_seconds_total');
    expect(text).not.toContain('wrk_');
  });

  test('hear from /ready, but not from /health, that the database is gone', async () => {
    const lonely = await listenOver({ host: '127.0.0.1', port: 1, user: 'nobody' });
    try {
      expect((await fetch(`${lonely.url}/health`)).status).toBe(200);
      const response = await fetch(`${lonely.url}/ready`);
      expect(response.status).toBe(503);
      expect(await response.json()).toEqual({ status: 'unavailable', reason: 'The database does not answer.' });
    } finally {
      await lonely.close();
    }
  });
});
