import { isDriverAdapterError } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { Prisma, PrismaClient } from '../generated/prisma/client.js';
import { type Connection, schemaOf } from './connection/connection.js';
import { keepWaitingApart, observeStatements } from './connection/observed.js';
import { createHealth, type Health } from './faults/health.js';
import { watchedClient } from './faults/watched-client.js';
import { prepareSession } from './session.js';
import { readTimesByOffset, readTypes, ZonedPrismaPg } from './times.js';

/**
 * A piece of SQL with its values: composed with `sql`, `join`, `raw` and `empty`, never by joining strings with
 * what a client sent.
 */
export type Sql = Prisma.Sql;
export const { sql, join, raw, empty } = Prisma;

/**
 * A value that the planner does not see, as text; cast it for another type. Where it sees one that looks cheaper than any
 * other would, such as a big workspace or a list of few ids, it plans a prepared statement anew each time. That takes
 * longer than the statement itself, and gives the same plan.
 */
export const opaque = (value: unknown): Sql => sql`(SELECT ${value})`;

/** What runs inside a transaction: the Prisma client bound to it. */
export type Transaction = Prisma.TransactionClient;

/** One result row, its values in the order of the select list. */
export type RowValues = readonly unknown[];

export interface Database {
  /**
   * Runs one read statement, prepared on whichever pooled connection it gets. `planned: 'anew'` leaves it unprepared,
   * for statements whose best plan depends on the values: a prepared one soon keeps a plan that serves any.
   */
  read(statement: Sql, options?: { planned: 'once' | 'anew' }): Promise<RowValues[]>;
  /**
   * Runs `work` in one transaction: all of it is written when the promise resolves, nothing of it when `work`
   * throws. Serialisation failures and deadlocks are run again, so `work` must have no effect elsewhere. Every
   * write of a mutation goes through here, and what `work` returns is plain data: under an idempotency key it is
   * stored with the change, so that a repetition answers it instead of changing anything again.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Calls `told` with the id of a workspace whenever a transaction of this process was committed that changed it. */
  onChange(told: (workspaceId: string) => void): void;
  /** Calls `told` with the name of a kind of job whenever a transaction of this process was committed that put some in. */
  onEnqueue(told: (kind: string) => void): void;
  /** The Prisma client, for single statements outside the hot paths. */
  prisma: PrismaClient;
  /** The pool behind both, for the readiness check. */
  pool: pg.Pool;
  /** What its statements have met. */
  health: Health;
  close(): Promise<void>;
}

export interface TransactionOptions {
  /** How long it may take before it is rolled back; as long as the database was opened with unless said otherwise. */
  timeoutMs?: number;
}

export interface DatabaseOptions {
  /** How many connections the pool opens at most. */
  connections?: number;
  /**
   * How long everything waits for a connection, be it a new one or one that others use, and how long a transaction may
   * take unless it is said for that one; 15 seconds.
   */
  patienceMs?: number;
  /** StreamedEvent of connections that broke while idle; the pool replaces them. */
  onConnectionError?: (error: Error) => void;
}

const maxTransactionAttempts = 5;
const maxPreparedStatements = 400;

/** Opens a pool that reads and Prisma's transactions share. */
export function openDatabase(connection: Connection, options: DatabaseOptions = {}): Database {
  const { patienceMs = 15_000 } = options;
  const health = createHealth();
  const pool = new pg.Pool({
    max: options.connections ?? 10,
    connectionTimeoutMillis: patienceMs,
    // Finds out that a host is gone which did not say so.
    keepAlive: true,
    onConnect: async (client) => {
      await prepareSession(client, connection);
      readTimesByOffset(client);
      observeStatements(client);
    },
    ...connection,
    Client: watchedClient(health.observe, connection.hostsClient),
  });
  pool.on('error', (error) => options.onConnectionError?.(error));
  keepWaitingApart(pool);

  // A statement that one session has prepared is unknown to the next.
  const nameOf = connection.pooling === 'transaction' ? () => '' : statementNames();
  const prisma = new PrismaClient({
    adapter: new ZonedPrismaPg(pool, {
      schema: schemaOf(connection),
      statementNameGenerator: ({ sql: text }) => nameOf(text),
    }),
  });

  const changeListeners: ((workspaceId: string) => void)[] = [];
  const enqueueListeners: ((kind: string) => void)[] = [];
  const announce = ({ workspaceIds, jobKinds }: Announced): void => {
    for (const workspaceId of workspaceIds) for (const told of changeListeners) told(workspaceId);
    for (const kind of jobKinds) for (const told of enqueueListeners) told(kind);
  };

  return {
    prisma,
    pool,
    health,
    onChange: (told) => void changeListeners.push(told),
    onEnqueue: (told) => void enqueueListeners.push(told),
    async read(statement, { planned } = { planned: 'once' }) {
      const text = statement.text;
      const name = planned === 'once' ? nameOf(text) : '';
      const query: pg.QueryArrayConfig = {
        text,
        values: statement.values as unknown[],
        rowMode: 'array',
        types: readTypes,
        ...(name && { name }),
      };
      return (await pool.query(query)).rows;
    },
    async transaction(work, { timeoutMs = patienceMs } = {}) {
      for (let attempt = 1; ; attempt += 1) {
        const announced: Announced = { workspaceIds: new Set(), jobKinds: new Set() };
        try {
          const run = (tx: Transaction) => work(noteAnnouncements(tx, announced));
          const result = await prisma.$transaction(run, { timeout: timeoutMs, maxWait: patienceMs });
          announce(announced);
          return result;
        } catch (error) {
          if (attempt === maxTransactionAttempts || !isTransactionConflict(error)) throw error;
        }
      }
    },
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** What a transaction has to tell of once it is committed. */
interface Announced {
  workspaceIds: Set<string>;
  jobKinds: Set<string>;
}

const announcements = new WeakMap<Transaction, Announced>();

function noteAnnouncements(tx: Transaction, announced: Announced): Transaction {
  announcements.set(tx, announced);
  return tx;
}

/** Lets those who wait for changes of the workspace know of this one, once the transaction is committed. */
export function announceChange(tx: Transaction, workspaceId: string): void {
  announcements.get(tx)?.workspaceIds.add(workspaceId);
}

/** Lets those who do jobs of this kind know that there are some, once the transaction is committed. */
export function announceJobs(tx: Transaction, kind: string): void {
  announcements.get(tx)?.jobKinds.add(kind);
}

/**
 * Names for prepared statements, one per text. Filters make texts without number, and each costs every connection
 * memory, so only the first ones are named; the rest run unnamed.
 */
function statementNames(): (text: string) => string {
  const names = new Map<string, string>();
  return (text) => {
    let name = names.get(text);
    if (name === undefined && names.size < maxPreparedStatements) {
      name = `deskgraph_${names.size}`;
      names.set(text, name);
    }
    return name ?? '';
  };
}

/**
 * The database could not serialise the transaction, or broke a deadlock by ending it: P2034 from a statement of Prisma's
 * own, and from one of ours P2010, which bears the driver's reason.
 */
function isTransactionConflict(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  if (error.code !== 'P2010') return error.code === 'P2034';
  const reason = error.meta?.driverAdapterError;
  return isDriverAdapterError(reason) && reason.cause.kind === 'TransactionWriteConflict';
}

/** P2002: a unique key holds the value already. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
}
