import pg from 'pg';
import type { Connection } from '../connection/connection.js';
import { prepared } from '../session.js';

/** The schema of the queue. It belongs to the library and not to the data model. */
export const queueSchema = 'deskgraph_jobs';

/** The last migration of the library's schema. It is checked first, because the library loads slowly. */
const revision = 19;

/**
 * Creates or updates the tables of the queue. One statement when there is nothing to do. Only one process may call it
 * at a time.
 */
export async function installQueue(connection: Connection, client: pg.Client): Promise<void> {
  if (await isQueueInstalled(client)) return;
  const { runMigrations } = await import('graphile-worker');
  const { silent } = await import('./logger.js');
  const pool = new pg.Pool({ ...prepared(connection), max: 1 });
  // A broken connection fails its current statement. Without listeners it would also end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    await runMigrations({ pgPool: pool, schema: queueSchema, logger: silent });
    await pool.query(`
      create table if not exists ${queueSchema}.worker_life (worker text primary key, seen_at timestamptz not null)`);
    await pool.query(showRows);
  } finally {
    await pool.end();
  }
}

/**
 * The library enables row security without a policy, so only the owner of its tables sees rows. Here grants decide who
 * may use the tables, so that a role that does not own them can serve.
 */
const showRows = `DO $$ DECLARE name regclass; BEGIN
  FOR name IN SELECT oid FROM pg_class WHERE relnamespace = '${queueSchema}'::regnamespace AND relrowsecurity LOOP
    EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', name);
  END LOOP;
END $$`;

/** Whether the tables of the queue exist in the version that the library needs. */
export async function isQueueInstalled(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    `select from information_schema.tables where table_schema = $1 and table_name in ('migrations', 'worker_life')`,
    [queueSchema],
  );
  if (rows.length < 2) return false;
  const { rowCount } = await client.query(`select from ${queueSchema}.migrations where id = $1`, [revision]);
  return rowCount === 1;
}
