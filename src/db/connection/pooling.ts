import type pg from 'pg';
import { StartError } from '../../lib/process/start-error.js';
import { type Connection, newClient, type Pooling } from './connection.js';

/**
 * Detects whether a pooler assigns a session per transaction: then two connections share a session, or a connection
 * gets a different session once its first one is in use.
 */
export async function findPooling(connection: Connection): Promise<Pooling> {
  const [one, other] = [newClient(connection), newClient(connection)];
  try {
    await one.connect();
    await other.connect();
    const session = await sessionOf(one);
    await other.query('BEGIN');
    const taken = await sessionOf(other);
    // Queried only now, because it would wait for ever if the pooler had a single session.
    return taken === session || (await sessionOf(one)) !== session ? 'transaction' : 'session';
  } catch (error) {
    if (error instanceof Error && /transaction blocks not allowed in statement pooling/.test(error.message)) {
      throw new StartError(
        'The pooler gives each statement another session, and transactions are needed: set its pool mode to transaction.',
      );
    }
    throw error;
  } finally {
    await Promise.allSettled([one.end(), other.end()]);
  }
}

async function sessionOf(client: pg.Client): Promise<unknown> {
  const { rows } = await client.query<{ session: number }>('SELECT pg_catalog.pg_backend_pid() AS session');
  return rows[0]?.session;
}
