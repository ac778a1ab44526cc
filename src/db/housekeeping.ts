import type { Database } from './database.js';

const firstAfterMs = 30_000;
const everyMs = 10 * 60_000;

/**
 * Does for the embedded server what a real one does by itself: removes old row versions and updates the planner's
 * statistics. Without statistics, foreign key checks that were planned while the tables were empty scan a whole index
 * for each row. Returns a function that ends it.
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
