import { deserialize, serialize } from 'node:v8';
import { type Database, type Sql, sql, type Transaction, type TransactionOptions, writeIn } from '../../db/database.js';
import { AppError } from '../../errors.js';
import { subjectsOf } from './idempotency.subjects.js';

/**
 * How long a run keeps its key after its last transaction, so that the key of a killed process becomes free. A key that
 * is held for longer was taken before the clock was set back, and counts as free.
 */
export const soon = sql`clock_timestamp() + interval '10 seconds'`;
/** How long an answer is stored. */
export const tomorrow = sql`clock_timestamp() + interval '24 hours'`;

/** The key of a run's record, and the token that shows that the run still holds it. */
export interface Hold {
  workspaceId: string;
  id: string;
  holder: string;
}

/** A transaction that was committed under a key. */
interface Step {
  /** The part of the operation to which it belongs. */
  part: string;
  /** The place of the transaction among the committed transactions of the part, from 0. Transactions that failed do not count. */
  place: number;
  /** What it returned. */
  result: unknown;
}

/** One operation with an idempotency key. */
export interface Run {
  /**
   * The database for a part of the operation. Its transactions record their results. A transaction that an earlier run has
   * committed returns the recorded result and does nothing.
   */
  databaseFor(part: string): Database;
  /**
   * Ends the run. An answer is stored if something was committed. Without a committed transaction, or with null for an
   * answer that is not final, the key becomes free for another run, which continues after the committed transactions.
   */
  end(answer: string | null): Promise<void>;
}

/**
 * A run that holds its record. Each transaction adds its result to the record, so that a change is stored if and only if
 * its result is. A run that was too slow and lost its record cannot write any more: its transaction finds no record to
 * update and is rolled back.
 */
export function openRun(db: Database, hold: Hold, earlier: readonly Step[]): Run {
  let committed = earlier.length > 0;

  return {
    databaseFor(part) {
      let next = 0;
      const transaction = async <T>(
        work: (tx: Transaction) => Promise<T>,
        options?: TransactionOptions,
      ): Promise<T> => {
        const place = next;
        const done = earlier.find((step) => step.part === part && step.place === place);
        if (done) {
          next += 1;
          await db.acknowledge();
          return done.result as T;
        }
        const result = await db.transaction(async (tx) => {
          const returned = await work(tx);
          await recordStep(tx, hold, { part, place, result: returned });
          return returned;
        }, options);
        next += 1;
        committed = true;
        return result;
      };
      return {
        ...db,
        transaction,
        write: <Row extends object>(statement: Sql, workspaceId: string, isChange: (rows: readonly Row[]) => boolean) =>
          transaction((tx) => writeIn(tx, statement, workspaceId, isChange)),
      };
    },

    async end(answer) {
      if (answer !== null && committed) {
        await db.prisma.$executeRaw(sql`UPDATE "IdempotencyRecord"
          SET "answer" = CASE WHEN "keepsAnswer" AND "erasedAt" IS NULL THEN ${answer} END,
            "steps" = CASE WHEN "keepsAnswer" OR "erasedAt" IS NOT NULL THEN '{}' ELSE "steps" END,
            "heldUntil" = 'epoch', "expiresAt" = ${tomorrow} WHERE ${isHeldBy(hold)}`);
        return;
      }
      // Only the database knows for certain what was committed, because a connection may have broken during a commit.
      const removed = await db.prisma.$executeRaw(sql`DELETE FROM "IdempotencyRecord"
        WHERE ${isHeldBy(hold)} AND cardinality("steps") = 0`);
      if (removed > 0) return;
      await db.prisma.$executeRaw(sql`UPDATE "IdempotencyRecord" SET "heldUntil" = 'epoch'
        WHERE ${isHeldBy(hold)}`);
    },
  };
}

/**
 * A deletion marks all running requests, including its own, because they may have read the person's data before. The
 * deletion's own result contains no personal data, so a record that was marked by this same transaction keeps its
 * answer.
 */
async function recordStep(tx: Transaction, hold: Hold, step: Step): Promise<void> {
  const recorded = await tx.$executeRaw(sql`UPDATE "IdempotencyRecord"
    SET "steps" = array_append("steps", ${serialize(step)}), "subjects" = "subjects" || ${subjectsOf(step.result)}::text[],
      "heldUntil" = ${soon}, "keepsAnswer" = "keepsAnswer" OR "xmin" = pg_current_xact_id()::xid
    WHERE ${isHeldBy(hold)}`);
  if (recorded === 0) throw inUse();
}

const isHeldBy = ({ workspaceId, id, holder }: Hold): Sql =>
  sql`"workspaceId" = ${workspaceId} AND "id" = ${id} AND "holder" = ${holder} AND "answer" IS NULL`;

/** The recorded steps, in the order in which they were committed. */
export const readSteps = (steps: readonly Uint8Array[]): Step[] => steps.map((step) => deserialize(step) as Step);

export const inUse = (): AppError =>
  new AppError('IDEMPOTENCY_KEY_IN_USE', 'A request with this Idempotency-Key is still running; try again.', {
    retryable: true,
  });
