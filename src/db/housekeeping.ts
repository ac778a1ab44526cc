import type { Database } from './database.js';

const firstAfterMs = 30_000;
const everyMs = 10 * 60_000;

/**
 * Does for the embedded server what a real one does by itself: frees the space of old row versions and brings the
 * planner's statistics up to date. Without them the checks of foreign keys, planned while the tables were empty, read
 * an index from end to end for each row. Returns what ends it.
 */
export function keepHouse(db: Database, onError: (error: unknown) => void): () => void {
  const run = (): void => {
    db.pool.query('VACUUM (ANALYZE)').catch(onError);
  };
  const first = setTimeout(run, firstAfterMs).unref();
  const every = setInterval(run, everyMs).unref();
  return () => {
    clearTimeout(first);
    clearInterval(every);
  };
}
