import type pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/db/migrations.js';
import { createTestDatabase, type TestDatabase } from './database.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The migrated database of this run. Test files share it, each with workspaces of its own. */
    connection: pg.PoolConfig;
    embedded: boolean;
  }
}

let database: TestDatabase | undefined;

export async function setup(project: TestProject): Promise<void> {
  database = await createTestDatabase();
  await migrate(database.connection);
  project.provide('connection', database.connection);
  project.provide('embedded', database.embedded);
}

export async function teardown(): Promise<void> {
  await database?.drop();
}
