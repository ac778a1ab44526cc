import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { migrate, pendingMigrations } from '../../../src/db/migrations/migrations.js';
import { renewNaturalOrder } from '../../../src/db/migrations/natural-order.js';
import { packageRoot } from '../../../src/lib/process/root.js';
import { testConnection } from '../../kit/connection.js';
import { createEmptyDatabase, type TestDatabase } from '../../kit/database.js';
import { schemaDrift } from '../../kit/schema-drift.js';

const names = readdirSync(join(packageRoot, 'prisma/migrations')).filter((name) => name !== 'migration_lock.toml');
const [first = ''] = names;

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createEmptyDatabase();
  pool = new pg.Pool(database.connection);
  pool.on('error', () => undefined);
});

beforeEach(async () => {
  await pool.query('drop schema public cascade');
  await pool.query('create schema public');
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('an empty database lacks all migrations, gets them in order, and lacks none after it', async () => {
  expect(await pendingMigrations(pool)).toEqual(names);
  expect(await migrate(database.connection)).toEqual(names);
  expect(await pendingMigrations(pool)).toEqual([]);
  expect(await migrate(database.connection)).toEqual([]);
});

/** The engine passes over expression and partial indexes; these it reads, but its language cannot write them. */
const inexpressible = [
  'Customer_tags_idx',

  'Customer_search_idx',
  'Conversation_search_idx',
  'Message_search_idx',
];

test('the migrations make the schema of the data model', async () => {
  const known = new RegExp(`^-- DropIndex\\nDROP INDEX "(${inexpressible.join('|')})";\\n*`, 'gm');
  expect((await schemaDrift(testConnection())).replace(known, '')).toBe('');
});

test('what differs from the data model shows as drift', async () => {
  await migrate(database.connection);
  await pool.query('alter table "Workspace" drop column "name"');
  expect(await schemaDrift(database.connection)).toContain(
    'ALTER TABLE "Workspace" ADD COLUMN     "name" TEXT NOT NULL',
  );
});

test('a migration that was changed after it was applied is refused', async () => {
  await migrate(database.connection);
  await pool.query(`update _prisma_migrations set checksum = 'another'`);
  const message = `Migration ${first} was changed after this database had applied it. Restore the file; changes need a new one.`;
  await expect(pendingMigrations(pool)).rejects.toThrow(message);
  await expect(migrate(database.connection)).rejects.toThrow(message);
});

test('a migration that fails changes nothing, says where, and is run again when the reason is gone', async () => {
  await pool.query(`create type "MessageStatus" as enum ('IN_THE_WAY')`);
  const failure = `Migration ${first} failed and changed nothing: type "MessageStatus" already exists`;
  await expect(migrate(database.connection)).rejects.toThrow(failure);
  const { rows } = await pool.query(`select to_regclass('"Workspace"') as table`);
  expect(rows).toEqual([{ table: null }]);

  expect(await pendingMigrations(pool)).toEqual(names);
  await pool.query(`drop type "MessageStatus"`);
  expect(await migrate(database.connection)).toEqual(names);
});

test('customers from before phones had a normal form are given to the job that derives it', async () => {
  await migrate(database.connection, '20261129180000_phone_numbers');
  await pool.query(`delete from deskgraph_jobs._private_jobs`);
  await pool.query(`
    insert into "Workspace" ("id", "name") values ('w-old', 'Old'), ('w-none', 'None')`);
  await pool.query(`
    insert into "Customer" ("workspaceId", "id", "name", "phone", "phoneE164", "updatedAt") values
      ('w-old', 'c-1', 'Jane', '+1 415 777 0288', null, now()),
      ('w-old', 'c-2', 'Joe', '+1 415 777 0289', null, now()),
      ('w-none', 'c-3', 'Ann', '+1 415 777 0290', '+14157770290', now())`);
  await migrate(database.connection);
  const { rows } = await pool.query(
    `select payload from deskgraph_jobs._private_jobs where payload::jsonb ? 'workspaceId'`,
  );
  expect(rows).toEqual([{ payload: { workspaceId: 'w-old' } }]);
});

test('the index of names is built anew when what sorts them has another version', async () => {
  await migrate(database.connection);
  expect(await renewNaturalOrder(pool)).toBe(false);
  const fileOf = async () => (await pool.query(`select pg_relation_filenode('"Customer_name_idx"') as file`)).rows;
  const before = await fileOf();
  await pool.query(`update pg_collation set collversion = '1.0' where collname = 'natural'`);
  expect(await renewNaturalOrder(pool)).toBe(true);
  expect(await fileOf()).not.toEqual(before);
  expect(await renewNaturalOrder(pool)).toBe(false);
});
