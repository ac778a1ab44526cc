import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../src/db/migrations/migrations.js';
import { Prisma } from '../../src/generated/prisma/client.js';
import { createTestDatabase, type TestDatabase } from '../kit/database.js';
import { fixture } from './fixtures.js';
import { run } from './run.js';

const workspace = 'wrk_kept';
let directory: string;
let file: string;
let source: TestDatabase;
let other: TestDatabase;

/** The other database, without any table. */
async function newDatabase() {
  await query(other.connection, 'DROP SCHEMA public, deskgraph_jobs CASCADE; CREATE SCHEMA public');
  return other.connection;
}

async function query(connection: pg.PoolConfig, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** All rows of all tables with all columns, the jobs, and the next number of the outbox. */
async function contentOf(connection: pg.PoolConfig): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const table of Object.values(Prisma.ModelName)) {
    const rows = await query(connection, `SELECT to_jsonb(r)::text AS row FROM "${table}" AS r ORDER BY 1`);
    found[table] = rows.map(({ row }) => row);
  }
  found.jobs = await query(
    connection,
    'SELECT t.identifier, j.payload, j.run_at, j.key FROM deskgraph_jobs._private_jobs AS j JOIN deskgraph_jobs._private_tasks AS t ON t.id = j.task_id ORDER BY j.id',
  );
  found.seq = await query(connection, 'SELECT last_value, is_called FROM "DomainEvent_seq_seq"');
  return found;
}

const importAgain = (connection: pg.PoolConfig, into = workspace) =>
  run(['import', 'conversations', fixture('conversations.jsonl'), '--workspace', into], { connection });

const restore = (connection: pg.PoolConfig, from = file) => run(['restore', from], { connection });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'backup-'));
  file = join(directory, 'desk.backup');
  [source, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  const { connection } = source;
  await run(['workspace', 'create', '--id', workspace], { connection });
  expect((await importAgain(connection)).code).toBe(0);
  const add = `deskgraph_jobs.add_job('later', '{"n": 12345678901234567890}', run_at := '2999-01-01', job_key := 'k')`;
  await query(connection, `SELECT FROM ${add}`);
  expect(await run(['backup', file], { connection })).toMatchObject({ code: 0, err: '' });
});
afterAll(async () => {
  for (const database of [source, other]) await database.drop();
  await rm(directory, { recursive: true });
});

test('a backup restores every row, the jobs that wait and the numbers that come next', async () => {
  const target = await newDatabase();
  const { code, err, out } = await restore(target);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^Restored \d{3,} rows in /);
  expect(await contentOf(target)).toEqual(await contentOf(source.connection));
  const constraints = `SELECT conrelid::regclass::text AS table, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1, 2`;
  expect(await query(target, constraints)).toEqual(await query(source.connection, constraints));
  expect(await query(target, `SELECT FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O'`)).toEqual([]);
  // What begins afterwards counts on.
  expect((await run(['workspace', 'create', '--id', 'wrk_new'], { connection: target })).code).toBe(0);
  expect((await importAgain(target, 'wrk_new')).code).toBe(0);
});

test('a backup is for its owner to read, and replaces an older one as a whole', async () => {
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const beginning = async () =>
    gunzipSync(await readFile(file))
      .toString('utf8')
      .split('\n', 1)[0];
  const before = await beginning();
  expect((await run(['backup', file], { connection: source.connection })).code).toBe(0);
  // It says when it was made.
  expect(await beginning()).not.toBe(before);
  expect(await beginning()).toContain('"deskgraph":"backup"');
});

test('a backup of an earlier release gets the later migrations', async () => {
  const earlier = await newDatabase();
  await migrate(earlier, '20261129090000_spellings');
  await query(earlier, `INSERT INTO "Workspace" ("id", "name") VALUES ('wrk_old', 'Old')`);
  await query(earlier, `INSERT INTO "Customer" ("workspaceId", "id", "source") VALUES ('wrk_old', 'ctc_1', 'API')`);
  await query(
    earlier,
    `INSERT INTO "Conversation" ("workspaceId", "id", "customerId", "source")
      SELECT 'wrk_old', 'thd_' || n, 'ctc_1', 'API' FROM generate_series(1, 3) AS n`,
  );
  const old = join(directory, 'old.backup');
  await writeFile(old, gzipSync(await oldBackup(earlier)));
  const target = await newDatabase();
  expect(await restore(target, old)).toMatchObject({ code: 0 });
  expect(await query(target, 'SELECT "id", "number" FROM "Conversation" ORDER BY 1')).toEqual(
    [1, 2, 3].map((number) => ({ id: `thd_${number}`, number })),
  );
});

/** What the release before wrote: the tables that it had. */
async function oldBackup(connection: pg.PoolConfig): Promise<string> {
  const migrations = (
    await query(connection, 'SELECT migration_name AS name FROM "_prisma_migrations" ORDER BY 1')
  ).map(({ name }) => name);
  const lines: string[] = [
    JSON.stringify({ deskgraph: 'backup', format: 1, createdAt: '2026-01-01T00:00:00Z', migrations }),
  ];
  let count = 0;
  for (const table of ['Workspace', 'Customer', 'Conversation']) {
    const rows = await query(connection, `SELECT to_jsonb(r)::text AS row FROM "${table}" AS r`);
    lines.push(JSON.stringify([{ table }]), ...rows.map(({ row }) => String(row)));
    count += rows.length;
  }
  return [...lines, JSON.stringify([{ end: true, rows: count }]), ''].join('\n');
}

const changed = async (change: (text: string) => string): Promise<string> => {
  const path = join(directory, `changed-${Math.random()}.backup`);
  await writeFile(path, gzipSync(change(gunzipSync(await readFile(file)).toString('utf8'))));
  return path;
};

test('a backup that is no whole one is refused in one line, and nothing is restored', async () => {
  const target = await newDatabase();
  const cut = join(directory, 'cut.backup');
  const whole = await readFile(file);
  await writeFile(cut, whole.subarray(0, whole.length / 2));
  const text = join(directory, 'text.backup');
  await writeFile(text, 'no backup');
  const cases: [string, RegExp][] = [
    [cut, /damaged/],
    [text, /no backup/],
    [await changed((lines) => lines.split('\n').slice(0, -2).join('\n')), /broken off/],
    [await changed((lines) => lines.replace(/\n\{"workspaceId".*?(?=\n)/, '')), /damaged or was broken off/],
    [await changed((lines) => `{"some": "json"}\n${lines}`), /does not begin as one/],
    [
      await changed((lines) => lines.replace('"migrations":[', '"migrations":["99990101000000_future",')),
      /later release/,
    ],
    [join(directory, 'none.backup'), /cannot be read/],
  ];
  for (const [path, reason] of cases) {
    const { code, err, out } = await restore(target, path);
    expect(code, err).toBeGreaterThan(0);
    expect(err).toMatch(reason);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(out).toBe('');
  }
  expect(await query(target, 'SELECT FROM "Workspace"')).toEqual([]);
  expect(await restore(target)).toMatchObject({ code: 0 });
});

test('a database that holds something is left as it is', async () => {
  const before = await contentOf(source.connection);
  expect(await restore(source.connection)).toMatchObject({ code: 1, err: expect.stringContaining('not empty') });
  expect(await contentOf(source.connection)).toEqual(before);
});
