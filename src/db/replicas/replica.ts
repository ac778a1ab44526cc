import pg from 'pg';
import { replicaFallbacks } from '../../lib/observe/meters.js';
import type { Log } from '../../lib/process/log.js';
import type { Connection } from '../connection/connection.js';
import { namesFor, openPool, prismaOver } from '../connection/pool.js';
import { type Database, readerOver } from '../database.js';
import { mostLagMs, type Position, positionOf, shared } from './position.js';
import { lookingPool, type Primary } from './primary.js';

/** A server that replays the WAL of the primary. */
export interface Replica {
  /** Its host and port. */
  name: string;
  /** Reads from the replica, or from the primary if the replica cannot answer. Writes to the primary. */
  database: Database;
  /** The position up to which it has replayed, as far as is known. */
  replayed(): Position;
  /** Reads its position and checks that it is available. Never fails. Callers share a statement. */
  look(): Promise<void>;
  /** The maximum age of its data at its last answer, in milliseconds; undefined when unknown. */
  behindMs(): number | undefined;
  /** The same; also undefined when the replica is unavailable. */
  lagMs(): number | undefined;
  /** Whether it may be used: it is available and not too far behind. Each change of this is logged. */
  isUsable(): boolean;
  close(): Promise<void>;
}

export interface ReplicaOptions {
  name: string;
  connections: number;
  primary: Primary;
  /** The database of the primary. */
  database: Database;
  log: Log;
}

/** A statement that waits longer for a connection is sent to the primary. */
const patienceMs = 2_000;

const look = `SELECT pg_catalog.pg_is_in_recovery() AS standby, pg_catalog.pg_last_wal_replay_lsn()::text AS position,
  (SELECT c.system_identifier::text FROM pg_catalog.pg_control_system() AS c) AS system`;

interface Look {
  standby: boolean;
  position: string | null;
  system: string;
}

export function openReplica(connection: Connection, options: ReplicaOptions): Replica {
  const { name, connections, primary, database, log } = options;
  const pool = openPool(connection, { connections, patienceMs });
  const looks = lookingPool(connection);
  let replayed: Position = '';
  let fault: string | undefined = 'it was not looked at yet';
  let wasUsable: boolean | undefined;
  /**
   * Functions that fail the statements of a replica that has become unavailable. Without them these would keep waiting.
   */
  const waiting = new Set<(error: Error) => void>();

  const behindMs = (): number | undefined => {
    const time = primary.timeOf(replayed);
    return time === undefined ? undefined : performance.now() - time;
  };
  const lagMs = (): number | undefined => (fault === undefined ? behindMs() : undefined);

  const loses = (error: unknown): void => {
    fault = error instanceof Error ? error.message : String(error);
    const gone = new Error(`The replica ${name} is gone.`);
    for (const fail of waiting) fail(gone);
  };

  const lookOnce = shared(async () => {
    try {
      const { rows } = await looks.query<Look>(look);
      const [row] = rows;
      if (!row?.standby || row.position === null) return loses('it is no replica');
      if (primary.system() === undefined) return;
      if (row.system !== primary.system()) return loses('it is a replica of another server');
      fault = undefined;
      replayed = positionOf(row.position);
    } catch (error) {
      loses(error);
    }
  });

  const isUsable = (): boolean => {
    const lag = lagMs();
    const usable = lag !== undefined && lag <= mostLagMs;
    if (usable === wasUsable) return usable;
    wasUsable = usable;
    if (usable) log.info({ replica: name }, 'A replica of the database serves queries.');
    else log.warn({ replica: name, reason: fault ?? 'it lags' }, 'A replica of the database is not used.');
    return usable;
  };

  const ask = pool.query.bind(pool) as (...args: unknown[]) => Promise<unknown>;
  const askPrimary = database.pool.query.bind(database.pool) as typeof ask;
  /** The result of the replica, or an error if it becomes unavailable. */
  const answer = (args: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.add(reject);
      ask(...args)
        .then(resolve, reject)
        .finally(() => waiting.delete(reject));
    });
  pool.query = new Proxy(pool.query, {
    async apply(_query, _self, args: unknown[]) {
      try {
        return await answer(args);
      } catch (error) {
        if (isOfStatement(error)) throw error;
        replicaFallbacks.inc();
        void lookOnce().then(isUsable);
        return askPrimary(...args.map(unnamed));
      }
    },
  });

  const nameOf = namesFor(connection);
  const prisma = prismaOver(pool, connection, nameOf);
  return {
    name,
    database: { ...database, pool, prisma, read: readerOver(pool, nameOf) },
    replayed: () => replayed,
    async look() {
      await lookOnce();
      isUsable();
    },
    behindMs,
    lagMs,
    isUsable,
    async close() {
      await prisma.$disconnect();
      await Promise.all([pool.end(), looks.end()]);
    },
  };
}

/**
 * Whether the primary would report the same error. Other errors (shutdown, recovery conflicts, a full disk) concern
 * only the replica.
 */
const isOfStatement = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^(?:2[0-3]|22|42|54|57014)/.test(error.code ?? '');

/**
 * The statement without its name, because the name of a prepared statement may stand for another text on this server.
 */
const unnamed = (argument: unknown): unknown =>
  typeof argument === 'object' && argument !== null && 'name' in argument ? { ...argument, name: undefined } : argument;
