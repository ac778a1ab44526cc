import type pg from 'pg';
import { queueSchema } from './install.js';

/**
 * Who is alive: each group of workers shows itself every few seconds, and whoever finds a job locked by a group that was
 * not seen for a while frees it. The library alone would leave a job to a dead process for four hours.
 */
export interface Heartbeats {
  /** Says that these groups live. Answers the time since they last said so, by the clock of the database; null at first. */
  show(groups: readonly string[]): Promise<number | null>;
  /** Frees the jobs of groups that were not seen for `deadAfterMs`, for these groups, which have shown themselves. */
  freeAbandoned(groups: readonly string[], deadAfterMs: number): Promise<void>;
  /** Gives the delay that they were put into the queue with to jobs that were put there more than `aheadMs` from now. */
  bringBack(aheadMs: number): Promise<void>;
  /** Frees all jobs, for who knows that nobody lives who could hold one. */
  freeAll(): Promise<void>;
  /** Forgets groups that have ended. */
  end(groups: readonly string[]): Promise<void>;
}

/** Whether a time is too long ago, or lies ahead since the clock was put back: in both nothing was heard of late. */
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
    // Whoever shows itself after its first job, as a group does that has just begun, still has the whole time. Who is not
    // seen of late itself has had the clock put forward this very moment, as all others have.
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
