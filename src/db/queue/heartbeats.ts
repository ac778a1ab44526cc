import type pg from 'pg';
import { queueSchema } from './install.js';

/**
 * Records which groups of workers are alive. Each group sends a heartbeat every few seconds, and any process frees the
 * jobs of groups that have sent none for a while. The library alone would leave such jobs locked for four hours.
 */
export interface Heartbeats {
  /**
   * Sends heartbeats for these groups. Returns the time since their last heartbeat, by the clock of the database; null
   * for the first one.
   */
  show(groups: readonly string[]): Promise<number | null>;
  /**
   * Frees the jobs of groups without a heartbeat for `deadAfterMs`. `groups` are the caller's own, which must have sent
   * heartbeats.
   */
  freeAbandoned(groups: readonly string[], deadAfterMs: number): Promise<void>;
  /**
   * Corrects jobs that were queued more than `aheadMs` in the future, before the clock was set back: they become due
   * after their original delay, counted from now.
   */
  bringBack(aheadMs: number): Promise<void>;
  /** Frees all jobs. Only for a caller that knows that no other process is alive. */
  freeAll(): Promise<void>;
  /** Removes groups that have ended. */
  end(groups: readonly string[]): Promise<void>;
}

/** Whether a time is not recent: too long ago, or in the future because the clock was set back. */
const isNotOfLate = (column: string): string =>
  `(${column} not between now() - $1 * interval '1 millisecond' and now() + $1 * interval '1 millisecond')`;

export const heartbeatsOf = (pool: pg.Pool): Heartbeats => ({
  async show(groups) {
    const { rows } = await pool.query<{ ms: number | null }>(
      `with shown as (insert into ${queueSchema}.worker_life select group_id, now() from unnest($1::text[]) group_id
         on conflict (worker) do update set seen_at = now())
       select extract(epoch from now() - min(seen_at))::float8 * 1000 as ms
         from ${queueSchema}.worker_life where worker = any($1)`,
      [groups],
    );
    return rows[0]?.ms ?? null;
  },

  async freeAbandoned(groups, deadAfterMs) {
    // A lock counts as a heartbeat, so a group that has just begun has the whole time for its first heartbeat. If our
    // own heartbeat is not recent, the clock was just set forward, which makes all others look dead too.
    const { rows } = await pool.query<{ holder: string }>(
      `select distinct locked_by as holder from ${queueSchema}.jobs
         where locked_by is not null and ${isNotOfLate('locked_at')}
           and locked_by not in (select worker from ${queueSchema}.worker_life where not ${isNotOfLate('seen_at')})
           and exists (select from ${queueSchema}.worker_life where worker = any($2) and not ${isNotOfLate('seen_at')})`,
      [deadAfterMs, groups],
    );
    if (rows.length > 0) {
      await pool.query(`select ${queueSchema}.force_unlock_workers($1)`, [rows.map(({ holder }) => holder)]);
    }
    await pool.query(`delete from ${queueSchema}.worker_life where seen_at < now() - interval '1 hour'`);
  },

  async bringBack(aheadMs) {
    await pool.query(
      `update ${queueSchema}._private_jobs set updated_at = now(), run_at = now() + greatest(run_at - updated_at, '0')
         where updated_at > now() + $1 * interval '1 millisecond'`,
      [aheadMs],
    );
  },

  async freeAll() {
    await pool.query(
      `select ${queueSchema}.force_unlock_workers(
         array(select distinct locked_by from ${queueSchema}.jobs where locked_by is not null))`,
    );
  },

  async end(groups) {
    await pool.query(`delete from ${queueSchema}.worker_life where worker = any($1)`, [groups]);
  },
});
