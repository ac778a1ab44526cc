import pg from 'pg';
import { type Connection, newClient } from '../connection/connection.js';
import { MigrationError } from './errors.js';

/** How long a process waits while another one migrates. */
const turnMs = 120_000;

/** How long a migration waits for a table lock. Later statements queue behind it. */
export const tableLockMs = 15_000;

const key = `hashtext('deskgraph migrations')`;

/**
 * Waits for the migration lock and returns the function that releases it.
 * @throws MigrationError that names the holder, after two minutes.
 */
export async function lockMigrations(connection: Connection): Promise<() => Promise<void>> {
  const client = newClient(connection);
  await client.connect();
  try {
    if (connection.pooling === 'transaction') {
      // Behind a pooler the session belongs to this process only during a transaction. So the transaction stays open
      // and holds the lock.
      await client.query('BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0');
      await client.query(`SET LOCAL lock_timeout = ${turnMs}; SELECT pg_advisory_xact_lock(${key})`);
    } else {
      // On the embedded database an open transaction would block all others.
      await client.query('SET statement_timeout = 0');
      await client.query(`SET lock_timeout = ${turnMs}; SELECT pg_advisory_lock(${key})`);
    }
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    const holder = isLockTimeout(error) ? await describe(client, holdersOfTurn) : '';
    await client.end();
    if (!isLockTimeout(error)) throw error;
    throw new MigrationError(`Another process has been migrating for ${turnMs / 1000} seconds. ${holder}`.trimEnd());
  }
  // Either lock ends with the connection.
  return async () => {
    await client.query('ROLLBACK').catch(() => undefined);
    await client.end();
  };
}

/**
 * The session that has used tables of the schema for the longest time, in one sentence; '' when there is none any more.
 */
export const holderOfTables = (client: pg.Client, schema: string): Promise<string> =>
  describe(client, holdersOfTables, [schema]);

const columns = `a.pid, a.usename AS role, a.application_name AS application, a.client_addr::text AS address,
  extract(epoch FROM now() - a.xact_start)::int AS seconds`;

const holdersOfTurn = `SELECT ${columns} FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
  WHERE l.locktype = 'advisory' AND l.granted AND l.objid::bigint = ${key}::bigint & 4294967295 AND l.pid <> pg_backend_pid()`;

const holdersOfTables = `SELECT ${columns} FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
  JOIN pg_class AS c ON c.oid = l.relation JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE l.granted AND n.nspname = $1 AND l.pid <> pg_backend_pid() AND a.datname = current_database()
  ORDER BY a.xact_start LIMIT 1`;

interface Holder {
  pid: number;
  role: string | null;
  application: string | null;
  address: string | null;
  seconds: number | null;
}

async function describe(client: pg.Client, statement: string, values: string[] = []): Promise<string> {
  const { rows } = await client.query<Holder>(statement, values);
  if (!rows[0]) return '';
  const { pid, role, application, address, seconds } = rows[0];
  const from = address ? ` from ${address}` : '';
  return `The lock is held by the database process ${pid} of ${role ?? 'another role'}${from} (${application || 'no application name'}), in a transaction of ${seconds ?? 0} seconds.`;
}

const isLockTimeout = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '55P03';
