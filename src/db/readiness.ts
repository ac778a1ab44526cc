import { randomUUID } from 'node:crypto';
import type { Log } from '../lib/process/log.js';
import type { Database } from './database.js';
import { faultOf, logFailure } from './faults/faults.js';
import { MigrationError } from './migrations/errors.js';
import { pendingMigrations } from './migrations/migrations.js';
import { queueSchema } from './queue/install.js';

/** Checks whether the database can be used. */
export interface Readiness {
  /**
   * The reason why it cannot be used, in one sentence; undefined when it can. Checks at most once a second, however
   * often it is called.
   */
  look(): Promise<string | undefined>;
}

const freshMs = 1_000;
/** Callers such as load balancers do not wait much longer. */
const patienceMs = 5_000;

const silent = 'The database does not answer.';

/**
 * Reads which migrations are applied, and writes a row of its own, because a server that is read-only or has a full
 * disk still answers reads. Faults that other statements have met count as well.
 */
export function createReadiness({ pool, health }: Pick<Database, 'pool' | 'health'>, log: Log): Readiness {
  const name = `readiness ${randomUUID()}`;
  let last: { at: number; found: Promise<string | undefined> } | undefined;

  const check = async (): Promise<string | undefined> => {
    const pending = await pendingMigrations(pool);
    if (pending.length > 0) return `Migrations are pending: ${pending.join(', ')}.`;
    const begunAt = performance.now();
    // The queue removes rows that are not renewed.
    await pool.query(
      `insert into ${queueSchema}.worker_life values ($1, now()) on conflict (worker) do update set seen_at = now()`,
      [name],
    );
    health.wrote(begunAt);
    return health.trouble();
  };

  const look = (): Promise<string | undefined> => {
    const checked = check().catch((error: unknown) => {
      logFailure(log, error, 'The gateway is not ready.', 'warn');
      return faultOf(error)?.words ?? (error instanceof MigrationError ? error.message : silent);
    });
    return within(patienceMs, checked, silent);
  };

  return {
    look() {
      const now = performance.now();
      if (!last || now - last.at > freshMs) last = { at: now, found: look() };
      return last.found;
    },
  };
}

async function within<T>(ms: number, work: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, ms, otherwise);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
