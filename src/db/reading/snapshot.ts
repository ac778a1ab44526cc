import type { Database, RowValues, Sql } from '../database.js';
import { readTypes } from '../times.js';

/** Runs one read statement. */
export type Read = (statement: Sql) => Promise<RowValues[]>;

/**
 * Gives `work` a way to read one state of the database however long it takes, in one transaction of its own. With
 * `shared` each statement sees the state of its moment instead: the embedded database has one backend for everybody,
 * and an open transaction would keep all others waiting.
 */
export async function withSnapshot<T>(
  db: Database,
  { shared }: { shared: boolean },
  work: (read: Read) => Promise<T>,
): Promise<T> {
  if (shared) return work(db.read);
  const client = await db.pool.connect();
  let broken = true;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const result = await work(async ({ text, values }) => {
      return (await client.query({ text, values, rowMode: 'array', types: readTypes })).rows;
    });
    await client.query('COMMIT');
    broken = false;
    return result;
  } finally {
    // One that may still be in its transaction goes back to nobody.
    client.release(broken);
  }
}
