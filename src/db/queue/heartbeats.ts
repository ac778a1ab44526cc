import type pg from 'pg';
import { queueSchema } from './install.js';

/**
 * Who is alive: each group of workers shows itself every few seconds, and whoever finds a job locked by a group that was
 * not seen for a while frees it. The library alone would leave a job to a dead process for four hours.
 */
export interface Heartbeats {
  /** Says that these groups live. */
  show(groups: readonly string[]): Promise<void>;
  /** Frees the jobs of groups that were not seen for `deadAfterMs`. */
  freeAbandoned(deadAfterMs: number): Promise<void>;
  /** Frees all jobs, for who knows that nobody lives who could hold one. */
  freeAll(): Promise<void>;
  /** Forgets groups that have ended. */
  end(groups: readonly string[]): Promise<void>;
}

export const heartbeatsOf = (pool: pg.Pool): Heartbeats => ({
  async show(groups) {
    await pool.query(
      `insert into ${queueSchema}.worker_life select group_id, now() from unnest($1::text[]) group_id
         on conflict (worker) do update set seen_at = now()`,
      [groups],
    );
  },

  async freeAbandoned(deadAfterMs) {
    // Whoever shows itself after its first job, as a group does that has just begun, still has the whole time.
    const { rows } = await pool.query<{ holder: string }>(
      `select distinct locked_by as holder from ${queueSchema}.jobs
         where locked_by is not null and locked_at < now() - $1 * interval '1 millisecond'
           and locked_by not in (
             select worker from ${queueSchema}.worker_life where seen_at >= now() - $1 * interval '1 millisecond')`,
      [deadAfterMs],
    );
    if (rows.length > 0) {
      await pool.query(`select ${queueSchema}.force_unlock_workers($1)`, [rows.map(({ holder }) => holder)]);
    }
    await pool.query(`delete from ${queueSchema}.worker_life where seen_at < now() - interval '1 hour'`);
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
