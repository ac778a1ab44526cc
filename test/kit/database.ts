import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { startEmbedded } from '../../src/db/embedded/start.js';
import { migrate } from '../../src/db/migrations/migrations.js';
import { temporaryDataDir } from './data-dir.js';

/** A database for one test file, or for one worker of the run. */
export interface TestDatabase {
  connection: pg.PoolConfig;
  embedded: boolean;
  drop(): Promise<void>;
}

/**
 * A migrated database: on the PostgreSQL that TEST_DATABASE_URL names, or on an embedded server of its own in a temporary
 * directory.
 */
export const createTestDatabase = (): Promise<TestDatabase> => createDatabase(inject('template'));

/** `template` is the name of a migrated database on the PostgreSQL, of which a copy is made. */
export async function createDatabase(template: string | undefined): Promise<TestDatabase> {
  const url = process.env.TEST_DATABASE_URL;
  if (!url) return createEmbedded();
  const database = await createOnServer(url, template);
  if (template === undefined) await migrate(database.connection);
  return database;
}

/** A database without tables, for tests of the migrations. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await execute(database.connection, 'drop schema public, deskgraph_jobs cascade; create schema public');
  return database;
}

async function createOnServer(url: string, template = 'template1'): Promise<TestDatabase> {
  const name = `deskgraph_test_${randomUUID().replaceAll('-', '_')}`;
  const server = { connectionString: url };
  await execute(server, `create database ${name} template ${template}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return {
    connection: { connectionString: own.href },
    embedded: false,
    drop: () => execute(server, `drop database ${name} with (force)`),
  };
}

async function execute(connection: pg.PoolConfig, statement: string): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  await client.query(statement);
  await client.end();
}

async function createEmbedded(): Promise<TestDatabase> {
  const directory = await temporaryDataDir();
  const { socketDir, stop } = await startEmbedded(directory, 'gateway');
  return {
    connection: { host: socketDir, port: 5432, user: 'postgres', database: 'postgres' },
    embedded: true,
    async drop() {
      await stop();
      await rm(directory, { recursive: true });
    },
  };
}
