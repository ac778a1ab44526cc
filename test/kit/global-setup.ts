import type pg from 'pg';
import type { TestProject } from 'vitest/node';
import { createDatabase, type TestDatabase } from './database.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The databases of this run, one for each worker; `testConnection` gives the worker its own. */
    connections: pg.PoolConfig[];
    embedded: boolean;
    /** The name of the migrated database that others are copies of, on a PostgreSQL. */
    template: string | undefined;
  }
}

const databases: TestDatabase[] = [];

async function create(template?: string): Promise<TestDatabase> {
  const database = await createDatabase(template);
  databases.push(database);
  return database;
}

export async function setup(project: TestProject): Promise<void> {
  const template = process.env.TEST_DATABASE_URL ? nameOf(await create()) : undefined;
  const { watch } = project.vitest.config;
  const { maxWorkers } = project.config;
  // Later in watching, all files may be run.
  const workers = watch ? maxWorkers : Math.min(maxWorkers, project.vitest.state.getPaths().length);
  const own = await Promise.all(Array.from({ length: workers }, () => create(template)));
  project.provide('template', template);
  project.provide(
    'connections',
    own.map(({ connection }) => connection),
  );
  project.provide(
    'embedded',
    own.every(({ embedded }) => embedded),
  );
}

export async function teardown(): Promise<void> {
  await Promise.all(databases.map((database) => database.drop()));
}

const nameOf = ({ connection }: TestDatabase): string => new URL(connection.connectionString ?? '').pathname.slice(1);
