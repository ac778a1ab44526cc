import pg from 'pg';
import type { Connection } from '../connection/connection.js';
import { watchedClient } from '../faults/watched-client.js';
import { mostLagMs, type Position, positionOf, shared } from './position.js';

/** The current and recent positions of the primary. */
export interface Primary {
  /** A position after everything that was committed before the call. Callers share a statement. */
  position(): Promise<Position>;
  /** The system identifier of the cluster, which its replicas share; undefined until it is known. */
  system(): string | undefined;
  /**
   * A time, of `performance.now()`: everything before it is also before this position. Undefined when the position is
   * too old.
   */
  timeOf(position: Position): number | undefined;
  close(): Promise<void>;
}

/**
 * A commit is acknowledged once its record is flushed, unless synchronous_commit is off. Records that others have
 * inserted after it may be flushed later, and waiting for these on a replica would be in vain.
 */
const look = `SELECT (CASE WHEN pg_catalog.current_setting('synchronous_commit') = 'off'
    THEN pg_catalog.pg_current_wal_insert_lsn() ELSE pg_catalog.pg_current_wal_flush_lsn() END)::text AS position,
  (SELECT c.system_identifier::text FROM pg_catalog.pg_control_system() AS c) AS system`;

/** A separate connection, so that the position does not depend on a free connection of the main pool. */
export const lookingPool = (connection: Connection): pg.Pool => {
  const pool = new pg.Pool({
    connectionTimeoutMillis: lookMs,
    query_timeout: lookMs,
    ...connection,
    max: 1,
    Client: watchedClient(undefined, connection.hostsClient),
  });
  // The next query reports the error.
  pool.on('error', () => undefined);
  return pool;
};

const lookMs = 2_000;
const rememberedMs = 3 * mostLagMs;
const apartMs = 250;

export function watchPrimary(connection: Connection): Primary {
  const pool = lookingPool(connection);
  let system: string | undefined;
  /** In ascending order. */
  let seen: { position: Position; at: number }[] = [];

  const position = shared(async () => {
    const at = performance.now();
    const { rows } = await pool.query<{ position: string; system: string }>(look);
    const [row] = rows;
    if (!row) throw new Error('The primary returned no position.');
    const position = positionOf(row.position);
    system = row.system;
    seen = seen.filter((other) => other.at > at - rememberedMs && other.position < position);
    const [before, last] = seen.slice(-2);
    // Queries may follow each other quickly. Of positions that are close in time, only some are kept.
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
