import type pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/db/migrations/migrations.js';
import { createTestDatabase, type TestDatabase } from './database.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The databases of this run, one for each worker; `testConnection` gives the worker its own. */
    connections: pg.PoolConfig[];
    embedded: boolean;
  }
}

const databases: TestDatabase[] = [];

export async function setup(project: TestProject): Promise<void> {
  for (let worker = 1; worker <= project.config.maxWorkers; worker += 1) {
    const database = await createTestDatabase();
    databases.push(database);
    await migrate(database.connection);
  }
  project.provide(
    'connections',
    databases.map(({ connection }) => connection),
  );
  project.provide(
    'embedded',
    databases.every(({ embedded }) => embedded),
  );
}

export async function teardown(): Promise<void> {
  for (const database of databases) await database.drop();
}
