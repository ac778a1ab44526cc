import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Gateway, kill, startGateway } from '../kit/gateway.js';
import { command } from './command.js';
import { execute, mountSmallDisk, type Postgres, rowsOf, type SmallDisk, startPostgres } from './servers.js';

/** A database that runs out of something while it is written: what clients are told, and what is there once it is mended. */

let tables: SmallDisk;
let wal: SmallDisk;
let postgres: Postgres;
let gateway: Gateway;
let key: string;
const acknowledged: string[] = [];
let tried = 0;

beforeAll(async () => {
  tables = await mountSmallDisk(256);
  wal = await mountSmallDisk(512);
  postgres = await startPostgres({
    initdb: [`--waldir=${wal.directory}`, '--wal-segsize=1'],
    // Nothing of the log is used again before it is full.
    settings: ['max_connections = 50', 'checkpoint_timeout = 1h', 'max_wal_size = 1GB'],
  });
  await execute(
    postgres.url,
    `CREATE TABLESPACE small LOCATION '${tables.directory}'`,
    'ALTER DATABASE postgres SET default_tablespace = small',
  );
  const variables = { DATABASE_URL: postgres.url, RATE_CAPACITY: '1000000' };
  expect(await command(['seed'], variables)).toMatchObject({ code: 0 });
  const made = await command(['keys', 'create', '--workspace', 'wrk_demo', '--kind', 'api_user'], variables);
  key = /ts_sk_live_\w+/.exec(made.out)?.[0] ?? '';
  gateway = await startGateway(variables);
  await vi.waitUntil(() => gateway.out().includes(`${gateway.url}/graphql`), { timeout: 120_000, interval: 50 });
  await vi.waitUntil(async () => (await write()) === 'done', { timeout: 60_000 });
});
afterAll(async () => {
  await kill(gateway);
  await postgres.stop();
  await Promise.all([tables.remove(), wal.remove()]);
});

const headers = () => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });
/** Some 3 KB that cannot be compressed. */
const filling = () => Array.from({ length: 40 }, () => crypto.randomUUID().repeat(2)).join(' ');

/** Creates a customer; answers "done", or the code of the error. */
async function write(): Promise<string> {
  tried += 1;
  const externalId = `tried-${tried}`;
  const query = `mutation { createCustomer(input: { externalId: "${externalId}", metadata: { a: "${filling()}" } }) {
    userErrors { message } } }`;
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: headers(),
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
  if (errors?.[0]) return errors[0].extensions.code;
  expect(data).toEqual({ createCustomer: { userErrors: [] } });
  acknowledged.push(externalId);
  return 'done';
}

async function writeByRest(): Promise<number> {
  tried += 1;
  const externalId = `tried-${tried}`;
  const body = JSON.stringify({ externalId, metadata: { a: filling() } });
  const { status } = await fetch(`${gateway.url}/v1/customers`, { method: 'POST', headers: headers(), body });
  if (status === 201) acknowledged.push(externalId);
  return status;
}

const ready = async (): Promise<number> => (await fetch(`${gateway.url}/ready`)).status;
const healthy = async () => expect((await fetch(`${gateway.url}/health`)).status).toBe(200);

/** What writes meet for as long as it lasts. */
async function expectRefused(): Promise<void> {
  await expect.poll(write, { interval: 1 }).toBe('UNAVAILABLE');
  await expect.poll(writeByRest, { interval: 1 }).toBe(503);
  await healthy();
}

/** It serves again without having been started again; what was acknowledged is there as a whole, and nothing else. */
async function expectMended(): Promise<void> {
  await expect.poll(write).toBe('done');
  await expect.poll(writeByRest).toBe(201);
  await expect.poll(ready).toBe(200);
  expect(gateway.process.exitCode).toBe(null);
  const rows = await rowsOf(
    postgres.url,
    `SELECT c."externalId", count(e."seq")::int AS events FROM "Customer" AS c
     LEFT JOIN "DomainEvent" AS e ON e."entityId" = c."id" AND e."type" = 'customer.created'
     WHERE c."externalId" LIKE 'tried-%' GROUP BY 1`,
  );
  expect(rows.map(({ externalId }) => externalId).sort()).toEqual(acknowledged.toSorted());
  expect(rows.filter(({ events }) => events !== 1)).toEqual([]);
}

describe('clients are told to come back, and find what was acknowledged, while the database', () => {
  test('has no room for its tables', async () => {
    await tables.fill();
    await expectRefused();
    await expect.poll(ready).toBe(503);
    expect(gateway.err()).toContain('The disk of the database is full.');
    await tables.clear();
    await expectMended();
  });

  test('takes no writes', async () => {
    await execute(postgres.url, 'ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()');
    await expectRefused();
    await expect.poll(ready).toBe(503);
    await execute(
      postgres.url,
      'SET default_transaction_read_only = off',
      'ALTER SYSTEM RESET default_transaction_read_only',
      'SELECT pg_reload_conf()',
    );
    await expectMended();
  });

  test('has no connection left', async () => {
    const held: pg.Client[] = [];
    const others = `pid <> pg_backend_pid() AND backend_type = 'client backend' AND application_name <> 'held'`;
    const holdAll = async (): Promise<number> => {
      for (;;) {
        const client = new pg.Client({ connectionString: postgres.url, application_name: 'held' });
        client.on('error', () => undefined);
        const isHeld = await client.connect().then(
          () => true,
          () => false,
        );
        if (!isHeld) break;
        held.push(client);
      }
      const result = await held[0]?.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others}`);
      return result?.rowCount ?? -1;
    };
    await expect.poll(holdAll, { interval: 20 }).toBe(0);
    await expectRefused();
    await expect.poll(ready).toBe(503);
    await Promise.all(held.map((client) => client.end()));
    await expectMended();
  });

  test('has no memory left for locks', async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const holdAll = () => client.query('SELECT pg_advisory_lock(n) FROM generate_series(1, 1000000) AS n');
    await expect(holdAll()).rejects.toMatchObject({ code: '53200' });
    await expectRefused();
    await client.end();
    await expectMended();
  });

  test('has a statement cancelled', async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query('BEGIN');
    await client.query('LOCK TABLE "Customer" IN ACCESS EXCLUSIVE MODE');
    const writing = write();
    const cancel = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`;
    await expect.poll(async () => (await rowsOf(postgres.url, cancel)).length).toBeGreaterThan(0);
    expect(await writing).toBe('UNAVAILABLE');
    await healthy();
    await client.query('ROLLBACK');
    await client.end();
    await expectMended();
  });

  test('has no room for its log, and ends itself', async () => {
    await wal.fill();
    await expectRefused();
    await wal.clear();
    // It recovers by itself, or gives up when there was no room to recover either. While it recovers it cannot be started.
    const answers = async (): Promise<boolean> => {
      if (await rowsOf(postgres.url, 'SELECT').catch(() => undefined)) return true;
      await postgres.start().catch(() => undefined);
      return false;
    };
    await expect.poll(answers).toBe(true);
    await expectMended();
  });
});
