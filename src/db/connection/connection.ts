import type pg from 'pg';
import { watchedClient } from '../faults/watched-client.js';

/** How to connect: what the driver takes, and what we need to know of the database beside it. */
export interface Connection extends pg.PoolConfig {
  /** What connects to one of several hosts; pools have it as `Client`. */
  hostsClient?: typeof pg.Client;
  /** The schema of the model's tables; `public`. */
  schema?: string | undefined;
  /**
   * `transaction`: a pooler gives each transaction another session, as PgBouncer does in that mode. Nothing that a session
   * keeps is relied on then: no prepared statements, no settings, no LISTEN.
   */
  pooling?: Pooling;
}

export const poolings = ['session', 'transaction'] as const;
export type Pooling = (typeof poolings)[number];

/** The schema of the model's tables. */
export const schemaOf = ({ schema }: Connection): string => schema ?? 'public';

/** How long a connection of its own may take to be made. */
const patienceMs = 15_000;

/** A client for one connection of its own. */
export function newClient(connection: Connection): pg.Client {
  const Client = watchedClient(undefined, connection.hostsClient);
  const client = new Client({ connectionTimeoutMillis: patienceMs, ...connection });
  // A connection that breaks fails what it is used for; without a listener the process would end as well.
  client.on('error', () => undefined);
  return client;
}
