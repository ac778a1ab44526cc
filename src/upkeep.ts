/** The maintenance of the database that one process does for all. */
import type { Database } from './db/database.js';
import { keepHouse } from './db/housekeeping.js';
import { ensureMigrated } from './db/migrations/migrations.js';
import { heartbeatsOf } from './db/queue/heartbeats.js';
import type { DatabaseServer } from './db/server.js';
import type { Log } from './lib/process/log.js';
import { type DemoKeys, seedDemo } from './modules/demo/demo.seed.js';
import { idempotencyService } from './modules/idempotency/idempotency.service.js';

export interface Upkeep {
  /** The keys of the demo, if this start created one. */
  demo: Promise<DemoKeys | null>;
  end(): Promise<void>;
}

/** Migrates the database. */
export async function migrated(server: DatabaseServer, log: Log): Promise<void> {
  const applied = await ensureMigrated(server);
  if (applied.length > 0) log.info({ migrations: applied }, 'The database was migrated.');
}

/** Frees the jobs in the embedded database when a gateway starts: no other process can be alive that holds them. */
export async function releaseTheDead(database: Database): Promise<void> {
  await idempotencyService(database).releaseAll();
  await heartbeatsOf(database.pool).freeAll();
}

/**
 * Maintains the embedded database, and fills an empty one with demo data. A real database belongs to somebody, so it
 * gets no demo.
 */
export function keepUp(database: Database, log: Log): Upkeep {
  const demo = seedDemo(database);
  const endHousekeeping = keepHouse(database, (error) =>
    log.warn({ err: error }, 'The housekeeping of the embedded database failed.'),
  );
  return {
    demo,
    async end() {
      endHousekeeping();
      await demo;
    },
  };
}
