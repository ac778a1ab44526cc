import type pg from 'pg';
import { StartError } from '../../lib/process/start-error.js';
import { type Connection, newClient, type Pooling } from './connection.js';

/**
 * Finds out whether a pooler gives each transaction another session: then two connections share a session, or one has
 * another session once that is taken.
 */
export async function findPooling(connection: Connection): Promise<Pooling> {
  const [one, other] = [newClient(connection), newClient(connection)];
  try {
    await one.connect();
    await other.connect();
    const session = await sessionOf(one);
    await other.query('BEGIN');
    const taken = await sessionOf(other);
    // Asked only now, as it would wait for ever where the pooler has a single session.
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
