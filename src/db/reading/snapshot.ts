import type { Database, RowValues, Sql } from '../database.js';
import { readTypes } from '../times.js';

/** Runs one read statement. */
export type Read = (statement: Sql) => Promise<RowValues[]>;

/**
 * Lets `work` read one consistent state of the database, in one transaction, however long it takes. With `shared` each
 * statement sees the current state instead: the embedded database has one backend for all connections, and an open
 * transaction would block the others.
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
    // A connection that may still be in its transaction is not reused.
    client.release(broken);
  }
}
