import pg from 'pg';
import { prepared } from '../session.js';

/** Where the queue lives: a schema of its own, which belongs to the library and not to the data model. */
export const queueSchema = 'deskgraph_jobs';

/** The last migration of the library's schema. The library takes long to load, so this is asked first. */
const revision = 19;

/**
 * Makes the tables of the queue, or brings them up to date. One statement when there is nothing to do. Callers of several
 * processes must come one after the other.
 */
export async function installQueue(connection: pg.PoolConfig, client: pg.Client): Promise<void> {
  if (await isInstalled(client)) return;
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
  } finally {
    await pool.end();
  }
}

async function isInstalled(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    `select from information_schema.tables where table_schema = $1 and table_name in ('migrations', 'worker_life')`,
    [queueSchema],
  );
  if (rows.length < 2) return false;
  const { rowCount } = await client.query(`select from ${queueSchema}.migrations where id = $1`, [revision]);
  return rowCount === 1;
}
