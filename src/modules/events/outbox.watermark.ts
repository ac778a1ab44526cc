import { setTimeout } from 'node:timers/promises';
import { type Database, sql } from '../../db/database.js';

/** The seq up to which the outbox can be read without missing an event. */
export interface Watermark {
  /**
   * The last seq up to which no event can become visible any more. A reader that reads up to it in the order of `seq`
   * misses no event. Concurrent callers share one query. The first call waits for the transactions that are open.
   */
  advance(): Promise<bigint>;
  /**
   * Like `advance`, after one query and without waiting for transactions. Undefined until the first ones have ended.
   */
  look(): Promise<bigint | undefined>;
  /** The result of the last query. */
  settled(): bigint | undefined;
  /** The last seq that any transaction had taken at the last query. */
  taken(): bigint;
  /** Whether transactions that may still be open have taken later seqs, so that it is useful to query again soon. */
  isBehind(): boolean;
}

/** The last seq taken at some time, and the transactions that then wrote to the outbox and may have taken it. */
interface Mark {
  seq: bigint;
  writers: ReadonlySet<string>;
}

const waitMs = 20;

/**
 * A seq is taken while a transaction runs, so a later one may be visible before an earlier one. A writer of the outbox
 * locks the table before it takes a seq, and releases the lock when its rows are visible or rolled back. So this reads
 * the last seq that was taken, then the holders of such locks. Every transaction that holds a seq up to that one is among
 * them. Once all of them have ended, no event can become visible up to that seq.
 *
 * The locks are of this table only. The transaction ids of a snapshot are those of all databases of the server, so a long
 * transaction of another database would delay every reader.
 */
export function outboxWatermark(db: Database): Watermark {
  let settled: bigint | undefined;
  let taken: bigint | undefined;
  let marks: Mark[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    const [row] = await db.read(sql`
      SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "DomainEvent_seq_seq"`);
    const [seq] = row as [bigint];
    // A separate statement, so that it runs after the seq was read.
    const rows = await db.read(sql`SELECT DISTINCT "virtualtransaction" FROM pg_locks
      WHERE "locktype" = 'relation' AND "mode" = 'RowExclusiveLock' AND "granted"
        AND "database" = (SELECT d."oid" FROM pg_database AS d WHERE d."datname" = current_database())
        AND "relation" = '"DomainEvent"'::regclass`);
    const writers = new Set(rows.map(([id]) => id as string));
    if (taken === undefined || seq > taken) marks.push({ seq, writers });
    taken = seq;
    // An open writer of an earlier mark is also a writer of every later mark, so marks are reached in their order.
    const reached = marks.filter((mark) => ![...mark.writers].some((id) => writers.has(id)));
    settled = reached.at(-1)?.seq ?? settled;
    marks = marks.slice(reached.length);
  };

  /** One query at a time. A running one may have begun before the change of the caller, so this waits for the next one. */
  const queryAgain = (): Promise<void> => {
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
        await queryAgain();
        if (settled !== undefined) return settled;
        await setTimeout(waitMs);
      }
    },
    async look() {
      await queryAgain();
      return settled;
    },
    settled: () => settled,
    taken: () => taken ?? 0n,
    isBehind: () => marks.length > 0,
  };
}
