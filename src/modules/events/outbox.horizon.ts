import { setTimeout } from 'node:timers/promises';
import { type Database, sql } from '../../db/database.js';

/** How far the outbox can be read. */
export interface Horizon {
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

/** A place that was taken last at some time, and an id above those of all transactions that may have taken it. */
interface Mark {
  seq: bigint;
  before: bigint;
}

const waitMs = 20;

/**
 * Places are taken while a transaction runs, so a later one may be visible while an earlier one is not. A transaction has
 * its id before it takes a place (the default of `seq` sees to it). So: look which place was taken last, and then take an
 * id. All that hold a place up to that one have a lower id. Once none with such an id runs any more, all those places are
 * visible, or gone with what was rolled back.
 *
 * The id is really taken, and only when a place was. `pg_snapshot_xmax` does not name the next one: it is the one after
 * the last that has ended, so transactions that run may have it and those after it, and a snapshot does not list these.
 */
export function outboxHorizon(db: Database): Horizon {
  let settled: bigint | undefined;
  let taken: bigint | undefined;
  let marks: Mark[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    const known = taken === undefined ? '-1' : String(taken);
    // The place is read before the condition is, and so before the id is taken.
    const [place] = await db.read(sql`
      SELECT p."seq", CASE WHEN p."seq" > ${known}::bigint THEN pg_current_xact_id()::text::bigint END
      FROM (SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS "seq" FROM "DomainEvent_seq_seq") AS p`);
    const [seq, before] = place as [bigint, bigint | null];
    // A statement of its own, because the transaction that took the id must have ended.
    const [snapshot] = await db.read(sql`SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint`);
    const [oldestRunning] = snapshot as [bigint];
    if (before !== null) marks.push({ seq, before });
    taken = seq;
    const reached = marks.filter((mark) => mark.before <= oldestRunning);
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
