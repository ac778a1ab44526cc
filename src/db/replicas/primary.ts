import pg from 'pg';
import type { Connection } from '../connection/connection.js';
import { watchedClient } from '../faults/watched-client.js';
import { mostLagMs, type Position, positionOf, shared } from './position.js';

/** Where the log of the primary is, and was lately. */
export interface Primary {
  /** Behind everything that was committed when this is called. Callers share a statement. */
  position(): Promise<Position>;
  /** The identity of the cluster, which its replicas have as well; undefined until it is known. */
  system(): string | undefined;
  /** The time, of `performance.now()`, before which everything lies before this position; undefined when it is too old to tell. */
  timeOf(position: Position): number | undefined;
  close(): Promise<void>;
}

/**
 * A commit is acknowledged once its record is flushed, unless that is switched off. What others have inserted behind it may
 * be flushed later, and a replica would wait for it in vain.
 */
const look = `SELECT (CASE WHEN pg_catalog.current_setting('synchronous_commit') = 'off'
    THEN pg_catalog.pg_current_wal_insert_lsn() ELSE pg_catalog.pg_current_wal_flush_lsn() END)::text AS position,
  (SELECT c.system_identifier::text FROM pg_catalog.pg_control_system() AS c) AS system`;

/** One connection of its own: whoever waits for the pool learns nothing of the position. */
export const lookingPool = (connection: Connection): pg.Pool => {
  const pool = new pg.Pool({
    connectionTimeoutMillis: lookMs,
    query_timeout: lookMs,
    ...connection,
    max: 1,
    Client: watchedClient(undefined, connection.hostsClient),
  });
  // The next look tells.
  pool.on('error', () => undefined);
  return pool;
};

const lookMs = 2_000;
const rememberedMs = 3 * mostLagMs;
const apartMs = 250;

export function watchPrimary(connection: Connection): Primary {
  const pool = lookingPool(connection);
  let system: string | undefined;
  /** From old to new. */
  let seen: { position: Position; at: number }[] = [];

  const position = shared(async () => {
    const at = performance.now();
    const { rows } = await pool.query<{ position: string; system: string }>(look);
    const [row] = rows;
    if (!row) throw new Error('The primary tells no position.');
    const position = positionOf(row.position);
    system = row.system;
    seen = seen.filter((other) => other.at > at - rememberedMs && other.position < position);
    const [before, last] = seen.slice(-2);
    // Looks may come one after the other; so many are no use.
    if (before && last && last.at - before.at < apartMs) seen.pop();
    seen.push({ position, at });
    return position;
  });

  return {
    position,
    system: () => system,
    timeOf: (reached) => seen.findLast(({ position }) => position <= reached)?.at,
    close: () => pool.end(),
  };
}
