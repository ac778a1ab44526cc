import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../src/app.js';
import type { AppOptions } from '../src/application/options.js';
import { type Database, openDatabase } from '../src/db/database.js';
import { createLog } from '../src/lib/process/log.js';
import { testConnection } from './kit/connection.js';

/** A gateway over the database of the run, or over one that is not there. */
async function listenOver(
  connection: pg.PoolConfig,
  operators: AppOptions['operators'] = {},
): Promise<{ url: string; database: Database; close(): Promise<void> }> {
  const database = openDatabase(connection);
  const app = await createApp({ database, log: createLog('silent'), operators });
  const http: Server = createServer(app.listener);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    database,
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
    expect(text).toMatch(
      /deskgraph_http_request_duration_seconds_count\{method="POST",route="\/graphql",status="4\d\d"\} \d/,
    );
    expect(text).toContain('deskgraph_database_connections{state="waiting"} 0');
    expect(text).toContain('process_cpu_user_seconds_total');
    expect(text).not.toContain('wrk_');
  });

  test('on another machine read no metrics without a token, also not through a proxy on this one', async () => {
    for (const header of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip']) {
      const response = await fetch(`${gateway.url}/metrics`, { headers: { [header]: '192.0.2.1' } });
      expect([header, response.status]).toEqual([header, 403]);
      expect(await response.text()).not.toContain('process_cpu');
    }
  });

  test('read metrics with the token alone once there is one', async () => {
    const metricsToken = 'a-token-of-the-operator';
    const guarded = await listenOver(testConnection(), { metricsToken });
    try {
      const statusWith = async (headers: Record<string, string>) =>
        (await fetch(`${guarded.url}/metrics`, { headers })).status;
      expect(await statusWith({})).toBe(401);
      expect(await statusWith({ authorization: `Bearer ${metricsToken}x` })).toBe(401);
      expect(await statusWith({ authorization: `Bearer ${metricsToken}`, 'x-forwarded-for': '192.0.2.1' })).toBe(200);
    } finally {
      await guarded.close();
    }
  });

  test('hear from /ready, but not from /health, that the database is gone', async () => {
    const lonely = await listenOver({ host: '127.0.0.1', port: 1, user: 'nobody' });
    try {
      expect((await fetch(`${lonely.url}/health`)).status).toBe(200);
      const response = await fetch(`${lonely.url}/ready`);
      expect(response.status).toBe(503);
      expect(await response.json()).toEqual({ status: 'unavailable', reason: 'The database cannot be reached.' });
    } finally {
      await lonely.close();
    }
  });

  const ready = async (url: string): Promise<[status: number, body: unknown]> => {
    const response = await fetch(`${url}/ready`);
    return [response.status, await response.json()];
  };

  test.each([
    ['takes no writes', '25006', 'The database takes no writes.'],
    ['has no room left', '53100', 'The disk of the database is full.'],
    ['lets the gateway write nothing', '42501', 'The role of the gateway lacks a privilege in the database.'],
  ])('hear from /ready that the database %s, and when it does again', async (_what, state, reason) => {
    const { prisma } = gateway.database;
    await prisma.$executeRawUnsafe(`CREATE FUNCTION deskgraph_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '${state}'; END $$`);
    await prisma.$executeRawUnsafe(`CREATE TRIGGER deskgraph_refuse BEFORE INSERT ON deskgraph_jobs.worker_life
      FOR EACH ROW WHEN (NEW.worker LIKE 'readiness %') EXECUTE FUNCTION deskgraph_refuse()`);
    try {
      await expect.poll(() => ready(gateway.url)).toEqual([503, { status: 'unavailable', reason }]);
    } finally {
      await prisma.$executeRawUnsafe('DROP FUNCTION deskgraph_refuse() CASCADE');
    }
    await expect.poll(() => ready(gateway.url), { timeout: 60_000 }).toEqual([200, { status: 'ok' }]);
  });

  test('hear from /ready whether jobs can be taken', async () => {
    let trouble: string | undefined = 'The workers of deliver are being replaced.';
    const working = await listenOver(testConnection(), { jobs: () => trouble });
    const reason = `No jobs can be taken: ${trouble}`;
    try {
      await expect
        .poll(() => ready(working.url))
        .toEqual([503, { status: 'unavailable', reason, jobs: 'unavailable' }]);
      trouble = undefined;
      expect(await ready(working.url)).toEqual([200, { status: 'ok', jobs: 'ok' }]);
    } finally {
      await working.close();
    }
  });
});

test('an application that was closed is let go, whatever watches the process', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const closed = async () => {
    const gateway = await listenOver(testConnection());
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain('nodejs_gc_duration_seconds');
    await gateway.close();
    return new WeakRef(gateway.database);
  };
  const former = await closed();
  // Timers that were set keep it for some seconds.
  const isHeld = () => {
    collect();
    return former.deref() !== undefined;
  };
  await expect.poll(isHeld, { interval: 200 }).toBe(false);
});
