import { isDriverAdapterError } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { Prisma, type PrismaClient } from '../generated/prisma/client.js';
import type { Connection } from './connection/connection.js';
import { type NameOf, namesFor, openPool, prismaOver } from './connection/pool.js';
import { createHealth, type Health } from './faults/health.js';
import { readTypes } from './times.js';

/**
 * SQL with its values. It is composed with `sql`, `join`, `raw` and `empty`; values from clients are never joined into
 * the text.
 */
export type Sql = Prisma.Sql;
export const { sql, join, raw, empty } = Prisma;

/**
 * Hides a value from the planner. The result is text; cast it for another type. If the planner sees a value for which a
 * plan looks cheaper than the generic one, such as a big workspace or a short list of ids, it plans a prepared
 * statement again each time. That takes longer than the statement itself and gives the same plan.
 */
export const opaque = (value: unknown): Sql => sql`(SELECT ${value})`;

/** The Prisma client bound to a transaction. */
export type Transaction = Prisma.TransactionClient;

/** One result row, its values in the order of the select list. */
export type RowValues = readonly unknown[];

export interface Database {
  /**
   * Runs one read statement, prepared, on any connection of the pool. `planned: 'anew'` leaves it unprepared, for
   * statements whose best plan depends on the values: a prepared statement soon uses one generic plan.
   */
  read(statement: Sql, options?: { planned: 'once' | 'anew' }): Promise<RowValues[]>;
  /**
   * Runs `work` in one transaction, which is committed when the promise resolves and rolled back when `work` throws.
   * After a serialisation failure or a deadlock `work` runs again, so it must have no effects elsewhere. Every write of
   * a mutation uses this. The result of `work` must be plain data: under an idempotency key it is stored with the
   * change, and a repetition returns it without changing anything.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Runs and commits one statement that may change the workspace. For changes that need no other statement. Returns its
   * rows, whose columns must have distinct names. `isChange` tells whether the rows show a change.
   */
  write<Row extends object>(
    statement: Sql,
    workspaceId: string,
    isChange: (rows: readonly Row[]) => boolean,
  ): Promise<Row[]>;
  /** Calls `told` with the id of a workspace after each commit of this process that changed it. */
  onChange(told: (workspaceId: string) => void): void;
  /** Calls `told` with the name of a kind of job after each commit of this process that queued jobs of that kind. */
  onEnqueue(told: (kind: string) => void): void;
  /**
   * Declares that the current request, or everybody in a workspace, is about to see what was committed until now, so
   * that they read nothing older from then on. Writes do this themselves.
   */
  acknowledge(workspaceId?: string): Promise<void>;
  /** Registers the function that `acknowledge` calls and waits for. Without one, it does nothing. */
  onAcknowledge(told: Database['acknowledge']): void;
  /** The Prisma client, for single statements outside the hot paths. */
  prisma: PrismaClient;
  /** The pool behind both, for the readiness check. */
  pool: pg.Pool;
  /** Records the faults of its statements. */
  health: Health;
  close(): Promise<void>;
}

export interface TransactionOptions {
  /** The time limit before it is rolled back. By default that of the database. */
  timeoutMs?: number;
}

export interface DatabaseOptions {
  /** The maximum number of connections in the pool. */
  connections?: number;
  /**
   * How long to wait for a connection, whether it is new or in use by others, and the default time limit of a
   * transaction; 15 seconds by default.
   */
  patienceMs?: number;
  /** Called for connections that broke while idle. The pool replaces them. */
  onConnectionError?: (error: Error) => void;
}

const defaultPatienceMs = 15_000;
const maxTransactionAttempts = 5;
const serializationFailure = '40001';
const deadlockDetected = '40P01';
const uniqueViolation = '23505';

/** Opens a database whose reads and Prisma transactions share one pool. */
export const openDatabase = (connection: Connection, options: DatabaseOptions = {}): Database =>
  databaseOver(openSessions(connection, options), options);

/**
 * The sessions of a database and the state that belongs to them. They are costly to open. Two databases must not use
 * the same ones at once.
 */
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
        // Also after an error, which may tell the caller what others have changed.
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

/** Runs `transact`, and runs it again when the database ended it because of a conflict with another transaction. */
async function unlessInConflict<T>(transact: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transact();
    } catch (error) {
      if (attempt === maxTransactionAttempts || !isTransactionConflict(error)) throw error;
    }
  }
}

/** What to announce once the transaction is committed. */
interface Announced {
  workspaceIds: Set<string>;
  jobKinds: Set<string>;
}

const announcements = new WeakMap<Transaction, Announced>();

function noteAnnouncements(tx: Transaction, announced: Announced): Transaction {
  announcements.set(tx, announced);
  return tx;
}

/** Announces a change of the workspace once the transaction is committed. */
export function announceChange(tx: Transaction, workspaceId: string): void {
  announcements.get(tx)?.workspaceIds.add(workspaceId);
}

/** Runs a statement that may change the workspace, as `Database.write` does, within a larger transaction. */
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

/** Announces jobs of this kind once the transaction is committed. */
export function announceJobs(tx: Transaction, kind: string): void {
  announcements.get(tx)?.jobKinds.add(kind);
}

/**
 * Whether the database could not serialise the transaction, or ended it to resolve a deadlock. Prisma's own statements
 * report P2034. Ours report P2010, which contains the driver's error.
 */
function isTransactionConflict(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return error.code === serializationFailure || error.code === deadlockDetected;
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  return error.code === 'P2034' || kindOf(error) === 'TransactionWriteConflict';
}

/** Whether a unique key already has the value. Prisma's own statements report P2002, ours P2010 or 23505. */
export function isUniqueViolation(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return error.code === uniqueViolation;
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  return error.code === 'P2002' || kindOf(error) === 'UniqueConstraintViolation';
}

/** The driver's error within P2010, which Prisma reports for our own statements. */
function kindOf({ code, meta }: Prisma.PrismaClientKnownRequestError): string | null {
  const reason = meta?.driverAdapterError;
  return code === 'P2010' && isDriverAdapterError(reason) ? reason.cause.kind : null;
}
