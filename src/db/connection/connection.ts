import type pg from 'pg';
import { watchedClient } from '../faults/watched-client.js';

/** The connection settings: those of the driver, and facts about the database that we need in addition. */
export interface Connection extends pg.PoolConfig {
  /** The client class that connects to one of several hosts. Pools use it as `Client`. */
  hostsClient?: typeof pg.Client;
  /** The schema of the model's tables; `public`. */
  schema?: string | undefined;
  /**
   * `transaction`: the connection goes through a pooler that assigns a session per transaction, as PgBouncer does in
   * that mode. Then nothing that a session keeps is used: no prepared statements, no settings, no LISTEN.
   */
  pooling?: Pooling;
}

export const poolings = ['session', 'transaction'] as const;
export type Pooling = (typeof poolings)[number];

/** The schema of the model's tables. */
export const schemaOf = ({ schema }: Connection): string => schema ?? 'public';

/** How long opening a separate connection may take. */
const patienceMs = 15_000;

/** A client for a separate connection. */
export function newClient(connection: Connection): pg.Client {
  const Client = watchedClient(undefined, connection.hostsClient);
  const client = new Client({ connectionTimeoutMillis: patienceMs, ...connection });
  // A broken connection fails its current statement. Without a listener it would also end the process.
  client.on('error', () => undefined);
  return client;
}
