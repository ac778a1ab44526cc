import { isDriverAdapterError } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { Prisma, type PrismaClient } from '../generated/prisma/client.js';
import type { Connection } from './connection/connection.js';
import { type NameOf, namesFor, openPool, prismaOver } from './connection/pool.js';
import { createHealth, type Health } from './faults/health.js';
import { readTypes } from './times.js';

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
  /**
   * Runs one statement that may change the workspace, and commits it: the transaction of a change that needs no other
   * statement. Returns its rows, whose columns have names of their own; `isChange` says whether they tell of a change.
   */
  write<Row extends object>(
    statement: Sql,
    workspaceId: string,
    isChange: (rows: readonly Row[]) => boolean,
  ): Promise<Row[]>;
  /** Calls `told` with the id of a workspace whenever a transaction of this process was committed that changed it. */
  onChange(told: (workspaceId: string) => void): void;
  /** Calls `told` with the name of a kind of job whenever a transaction of this process was committed that put some in. */
  onEnqueue(told: (kind: string) => void): void;
  /**
   * Says that the running request, or everybody in a workspace, is about to see what was committed until now, so that
   * they read nothing older from then on. Writes say so themselves.
   */
  acknowledge(workspaceId?: string): Promise<void>;
  /** Has `told` called, and waited for, at each such word; without it nothing is waited for. */
  onAcknowledge(told: Database['acknowledge']): void;
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
  /** Called for connections that broke while idle; the pool replaces them. */
  onConnectionError?: (error: Error) => void;
}

const defaultPatienceMs = 15_000;
const maxTransactionAttempts = 5;
const serializationFailure = '40001';
const deadlockDetected = '40P01';
const uniqueViolation = '23505';

/** Opens a pool that reads and Prisma's transactions share. */
export const openDatabase = (connection: Connection, options: DatabaseOptions = {}): Database =>
  databaseOver(openSessions(connection, options), options);

/** The sessions of a database, and what is known of them. Costly to open, and of no use to two databases at once. */
export interface Sessions {
  pool: pg.Pool;
  prisma: PrismaClient;
  nameOf: NameOf;
  health: Health;
  close(): Promise<void>;
}

export function openSessions(connection: Connection, options: DatabaseOptions): Sessions {
  const { connections = 10, patienceMs = defaultPatienceMs, onConnectionError } = options;
  const health = createHealth();
  const pool = openPool(connection, { connections, patienceMs, observe: health.observe, onConnectionError });
  const nameOf = namesFor(connection);
  const prisma = prismaOver(pool, connection, nameOf);
  const close = async (): Promise<void> => {
    await prisma.$disconnect();
    await pool.end();
  };
  return { pool, prisma, nameOf, health, close };
}

export function databaseOver(
  { pool, prisma, nameOf, health, close }: Sessions,
  { patienceMs = defaultPatienceMs }: Pick<DatabaseOptions, 'patienceMs'>,
): Database {
  const changeListeners: ((workspaceId: string) => void)[] = [];
  const enqueueListeners: ((kind: string) => void)[] = [];
  const announce = ({ workspaceIds, jobKinds }: Announced): void => {
    for (const workspaceId of workspaceIds) for (const told of changeListeners) told(workspaceId);
    for (const kind of jobKinds) for (const told of enqueueListeners) told(kind);
  };
  let acknowledged: Database['acknowledge'] | undefined;

  return {
    prisma,
    pool,
    health,
    onChange: (told) => void changeListeners.push(told),
    onEnqueue: (told) => void enqueueListeners.push(told),
    acknowledge: async (workspaceId) => acknowledged?.(workspaceId),
    onAcknowledge(told) {
      acknowledged = told;
    },
    read: readerOver(pool, nameOf),
    async write<Row extends object>(
      { text, values }: Sql,
      workspaceId: string,
      isChange: (rows: readonly Row[]) => boolean,
    ) {
      const name = nameOf(text);
      const query = { text, values, types: readTypes, ...(name && { name }) };
      const { rows } = await unlessInConflict(() => pool.query<Row>(query));
      if (isChange(rows)) announce({ workspaceIds: new Set([workspaceId]), jobKinds: new Set() });
      if (acknowledged) await acknowledged();
      return rows;
    },
    async transaction(work, { timeoutMs = patienceMs } = {}) {
      try {
        const [result, announced] = await unlessInConflict(async () => {
          const announced: Announced = { workspaceIds: new Set(), jobKinds: new Set() };
          const run = (tx: Transaction) => work(noteAnnouncements(tx, announced));
          return [await prisma.$transaction(run, { timeout: timeoutMs, maxWait: patienceMs }), announced] as const;
        });
        announce(announced);
        return result;
      } finally {
        // Whoever is refused is told of what others have changed.
        if (acknowledged) await acknowledged();
      }
    },
    close,
  };
}

/** `Database.read` over a pool. */
export const readerOver =
  (pool: pg.Pool, nameOf: NameOf): Database['read'] =>
  async (statement, { planned } = { planned: 'once' }) => {
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
  };

/** Runs `transact`, and again when the database ended it for the sake of another transaction. */
async function unlessInConflict<T>(transact: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transact();
    } catch (error) {
      if (attempt === maxTransactionAttempts || !isTransactionConflict(error)) throw error;
    }
  }
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

/** Runs a statement that may change the workspace, as `Database.write` does, as one of several of a transaction. */
export async function writeIn<Row extends object>(
  tx: Transaction,
  statement: Sql,
  workspaceId: string,
  isChange: (rows: readonly Row[]) => boolean,
): Promise<Row[]> {
  const rows = await tx.$queryRaw<Row[]>(statement);
  if (isChange(rows)) announceChange(tx, workspaceId);
  return rows;
}

/** Lets those who do jobs of this kind know that there are some, once the transaction is committed. */
export function announceJobs(tx: Transaction, kind: string): void {
  announcements.get(tx)?.jobKinds.add(kind);
}

/**
 * The database could not serialise the transaction, or broke a deadlock by ending it: P2034 from a statement of Prisma's
 * own, and from one of ours P2010, which bears the driver's reason.
 */
function isTransactionConflict(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return error.code === serializationFailure || error.code === deadlockDetected;
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  return error.code === 'P2034' || kindOf(error) === 'TransactionWriteConflict';
}

/** A unique key holds the value already: P2002 from a statement of Prisma's own, and P2010 or 23505 from one of ours. */
export function isUniqueViolation(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return error.code === uniqueViolation;
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  return error.code === 'P2002' || kindOf(error) === 'UniqueConstraintViolation';
}

/** What the driver says of an error that a statement of ours met, which Prisma tells as P2010. */
function kindOf({ code, meta }: Prisma.PrismaClientKnownRequestError): string | null {
  const reason = meta?.driverAdapterError;
  return code === 'P2010' && isDriverAdapterError(reason) ? reason.cause.kind : null;
}
