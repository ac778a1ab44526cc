import { deserialize, serialize } from 'node:v8';
import { type Database, type Sql, sql, type Transaction, type TransactionOptions } from '../../db/database.js';
import { AppError } from '../../errors.js';

/** How long a run keeps its key after its last sign of life: a process that was killed blocks a repetition no longer. */
export const soon = sql`clock_timestamp() + interval '10 seconds'`;
/** How long an answer can be had again. */
export const tomorrow = sql`clock_timestamp() + interval '24 hours'`;

/** Where the record of a run lies, and the proof that the run still has it. */
export interface Hold {
  workspaceId: string;
  id: string;
  holder: string;
}

/** A transaction that was committed under a key. */
interface Step {
  /** The part of the operation that it belongs to. */
  part: string;
  /** Which of the part's committed transactions it was, from 0: what failed, and was run again, leaves no gap. */
  place: number;
  /** What it returned. */
  result: unknown;
}

/** One operation that is done under a key. */
export interface Run {
  /**
   * The database for a part of the operation: its transactions record what they return, and those that an earlier run
   * has committed return that without doing anything.
   */
  databaseFor(part: string): Database;
  /**
   * Ends the run. An answer is kept when something was committed; without one, or with null for an answer that is not
   * the last word, the key is free for another try, which goes on from what was committed.
   */
  end(answer: string | null): Promise<void>;
}

/**
 * A run that holds its record. Each transaction adds its result to the record, which makes both facts one: a change
 * is there if and only if the record tells of it. It also keeps away a run that was too slow and lost its record: its
 * transaction finds no record to write to and is rolled back.
 */
export function openRun(db: Database, hold: Hold, earlier: readonly Step[]): Run {
  let committed = earlier.length > 0;

  return {
    databaseFor(part) {
      let next = 0;
      return {
        ...db,
        async transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T> {
          const place = next;
          const done = earlier.find((step) => step.part === part && step.place === place);
          if (done) {
            next += 1;
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
        },
      };
    },

    async end(answer) {
      if (answer !== null && committed) {
        await db.prisma.$executeRaw(sql`UPDATE "IdempotencyRecord"
          SET "answer" = ${answer}, "steps" = '{}', "expiresAt" = ${tomorrow} WHERE ${isHeldBy(hold)}`);
        return;
      }
      // The database knows better than we do what was committed, should a connection have broken in between.
      const removed = await db.prisma.$executeRaw(sql`DELETE FROM "IdempotencyRecord"
        WHERE ${isHeldBy(hold)} AND cardinality("steps") = 0`);
      if (removed > 0) return;
      await db.prisma.$executeRaw(sql`UPDATE "IdempotencyRecord" SET "heldUntil" = 'epoch'
        WHERE ${isHeldBy(hold)}`);
    },
  };
}

async function recordStep(tx: Transaction, hold: Hold, step: Step): Promise<void> {
  const recorded = await tx.$executeRaw(sql`UPDATE "IdempotencyRecord"
    SET "steps" = array_append("steps", ${serialize(step)}), "heldUntil" = ${soon} WHERE ${isHeldBy(hold)}`);
  if (recorded === 0) throw inUse();
}

const isHeldBy = ({ workspaceId, id, holder }: Hold): Sql =>
  sql`"workspaceId" = ${workspaceId} AND "id" = ${id} AND "holder" = ${holder} AND "answer" IS NULL`;

/** The steps as the record holds them, in the order in which they were committed. */
export const readSteps = (steps: readonly Uint8Array[]): Step[] => steps.map((step) => deserialize(step) as Step);

export const inUse = (): AppError =>
  new AppError('IDEMPOTENCY_KEY_IN_USE', 'A request with this Idempotency-Key is still running; try again.', {
    retryable: true,
  });
