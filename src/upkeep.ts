/** What one process does for the database on behalf of all that serve from it. */
import type { Database } from './db/database.js';
import { keepHouse } from './db/housekeeping.js';
import { ensureMigrated } from './db/migrations/migrations.js';
import { heartbeatsOf } from './db/queue/heartbeats.js';
import type { DatabaseServer } from './db/server.js';
import type { Log } from './lib/process/log.js';
import { type DemoKeys, seedDemo } from './modules/demo/demo.seed.js';
import { idempotencyService } from './modules/idempotency/idempotency.service.js';

export interface Upkeep {
  /** The keys of the demo, if this start made one. */
  demo: Promise<DemoKeys | null>;
  end(): Promise<void>;
}

/** Brings the database up to date. */
export async function migrated(server: DatabaseServer, log: Log): Promise<void> {
  const applied = await ensureMigrated(server);
  if (applied.length > 0) log.info({ migrations: applied }, 'The database was migrated.');
}

/** For a gateway that has just started on the embedded database: whoever had begun something there is dead. */
export async function releaseTheDead(database: Database): Promise<void> {
  await idempotencyService(database).releaseAll();
  await heartbeatsOf(database.pool).freeAll();
}

/**
 * Keeps the embedded database in order, and fills an empty one with a demo: it was made for trying things out, where a real
 * one belongs to somebody.
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
