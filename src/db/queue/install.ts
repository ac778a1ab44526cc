import pg from 'pg';
import type { Connection } from '../connection/connection.js';
import { prepared } from '../session.js';

/** Where the queue lives: a schema of its own, which belongs to the library and not to the data model. */
export const queueSchema = 'deskgraph_jobs';

/** The last migration of the library's schema. The library takes long to load, so this is asked first. */
const revision = 19;

/**
 * Makes the tables of the queue, or brings them up to date. One statement when there is nothing to do. Callers of several
 * processes must come one after the other.
 */
export async function installQueue(connection: Connection, client: pg.Client): Promise<void> {
  if (await isQueueInstalled(client)) return;
  const { runMigrations } = await import('graphile-worker');
  const { silent } = await import('./logger.js');
  const pool = new pg.Pool({ ...prepared(connection), max: 1 });
  // A connection that breaks fails what it was used for; without listeners the process would end as well.
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
 * The library protects its tables by row security without any policy, so that only their owner sees rows. Who may use the
 * tables is a matter of grants here, and a role that does not own them may serve.
 */
const showRows = `DO $$ DECLARE name regclass; BEGIN
  FOR name IN SELECT oid FROM pg_class WHERE relnamespace = '${queueSchema}'::regnamespace AND relrowsecurity LOOP
    EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', name);
  END LOOP;
END $$`;

/** Whether the tables of the queue are there, in the form that the library wants. */
export async function isQueueInstalled(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    `select from information_schema.tables where table_schema = $1 and table_name in ('migrations', 'worker_life')`,
    [queueSchema],
  );
  if (rows.length < 2) return false;
  const { rowCount } = await client.query(`select from ${queueSchema}.migrations where id = $1`, [revision]);
  return rowCount === 1;
}
