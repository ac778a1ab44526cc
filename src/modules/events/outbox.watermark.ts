import { setTimeout } from 'node:timers/promises';
import { type Database, sql } from '../../db/database.js';

/** How far the outbox can be read. */
export interface Watermark {
  /**
   * The last place in the outbox up to which nothing can come to light any more. Whoever reads after that, in the order of
   * `seq` and no further, misses no event. Callers at the same time share one look at the database. The first look waits
   * for the transactions that are under way.
   */
  advance(): Promise<bigint>;
  /** The same after one look that waits for no transaction: undefined when not even the first one has ended. */
  look(): Promise<bigint | undefined>;
  /** What the last look has found. */
  settled(): bigint | undefined;
  /** The place that was taken last, by whatever transaction, when the database was last looked at. */
  taken(): bigint;
  /** Whether places beyond it were taken by transactions that may be under way, so that looking again soon pays. */
  isBehind(): boolean;
}

/** A place that was taken last at some time, and who wrote to the outbox then: the transactions that may have taken it. */
interface Mark {
  seq: bigint;
  writers: ReadonlySet<string>;
}

const waitMs = 20;

/**
 * Places are taken while a transaction runs, so a later one may be visible while an earlier one is not. Whoever writes to
 * the outbox has a lock on the table before it takes a place, and gives it back when what it wrote is visible, or gone
 * with what was rolled back. So: look which place was taken last, and then who has such a lock. All that hold a place up
 * to that one are among them; once none of these is there any more, nothing can come to light up to it.
 *
 * The locks are of this table alone. Ids of transactions, which a snapshot tells, are those of all databases of the
 * server: a long transaction of another one would hold every reader up.
 */
export function outboxWatermark(db: Database): Watermark {
  let settled: bigint | undefined;
  let taken: bigint | undefined;
  let marks: Mark[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    const [place] = await db.read(sql`
      SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "DomainEvent_seq_seq"`);
    const [seq] = place as [bigint];
    // A statement of its own, so that it looks after the place was read.
    const rows = await db.read(sql`SELECT DISTINCT "virtualtransaction" FROM pg_locks
      WHERE "locktype" = 'relation' AND "mode" = 'RowExclusiveLock' AND "granted"
        AND "database" = (SELECT d."oid" FROM pg_database AS d WHERE d."datname" = current_database())
        AND "relation" = '"DomainEvent"'::regclass`);
    const writers = new Set(rows.map(([id]) => id as string));
    if (taken === undefined || seq > taken) marks.push({ seq, writers });
    taken = seq;
    // Who is still there of an earlier mark is one of every later mark too, so they are reached in their order.
    const reached = marks.filter((mark) => ![...mark.writers].some((id) => writers.has(id)));
    settled = reached.at(-1)?.seq ?? settled;
    marks = marks.slice(reached.length);
  };

  /** One look at a time; the one under way may have begun before the change that the caller knows of. */
  const lookAnew = (): Promise<void> => {
    if (next) return next;
    const begin = () => {
      next = undefined;
      return look();
    };
    next = last.then(begin, begin);
    last = next;
    return next;
  };

  return {
    async advance() {
      for (;;) {
        await lookAnew();
        if (settled !== undefined) return settled;
        await setTimeout(waitMs);
      }
    },
    async look() {
      await lookAnew();
      return settled;
    },
    settled: () => settled,
    taken: () => taken ?? 0n,
    isBehind: () => marks.length > 0,
  };
}
