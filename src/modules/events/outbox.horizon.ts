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
  /** The place that was taken last, by whatever transaction, when the database was last looked at. */
  taken(): bigint;
  /** Whether places beyond it were taken by transactions that may be under way, so that looking again soon pays. */
  isBehind(): boolean;
}

/** A place that was taken last at some time, and the id below which all transactions lie that may have taken it. */
interface Mark {
  seq: bigint;
  before: bigint;
}

const waitMs = 20;

/**
 * Places are taken while a transaction runs, so a later one may be visible while an earlier one is not. A transaction has
 * its id before it takes a place (the default of `seq` sees to it). So: look which place was taken last, and then
 * which transactions run. All that hold a place up to that one have an id below the next one to be given out. Once
 * none with such an id runs any more, all those places are visible, or gone with what was rolled back.
 */
export function outboxHorizon(db: Database): Horizon {
  let settled: bigint | undefined;
  let taken = 0n;
  let marks: Mark[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<bigint> | undefined;

  const look = async (): Promise<void> => {
    // Two statements: in a single one, the snapshot would be older than the place.
    const [last] = await db.read(sql`
      SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "DomainEvent_seq_seq"`);
    const [snapshot] = await db.read(sql`SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint
      FROM pg_current_snapshot() AS s`);
    const [seq] = last as [bigint];
    const [oldestRunning, before] = snapshot as [bigint, bigint];
    if (seq > taken || settled === undefined) marks.push({ seq, before });
    taken = seq;
    const reached = marks.filter((mark) => mark.before <= oldestRunning);
    settled = reached.at(-1)?.seq ?? settled;
    marks = marks.slice(reached.length);
  };

  const reach = async (): Promise<bigint> => {
    for (;;) {
      await look();
      if (settled !== undefined) return settled;
      await setTimeout(waitMs);
    }
  };

  return {
    advance() {
      if (next) return next;
      // One look at a time; the one under way may have begun before the change that the caller knows of.
      const begin = () => {
        next = undefined;
        return reach();
      };
      next = last.then(begin, begin);
      last = next;
      return next;
    },
    taken: () => taken,
    isBehind: () => marks.length > 0,
  };
}
