import { announceJobs, raw, sql, type Transaction } from '../database.js';
import { queueSchema } from './install.js';

/** A kind of job: its name in the database, and the shape of what its jobs carry. */
export interface JobKind<Payload extends object> {
  readonly name: string;
  /** Only for the compiler; there is no such value. */
  readonly payload?: Payload;
}

/** One job as it is put into the queue. */
export interface NewJob<Payload extends object> {
  /** What the work needs to know, as JSON; ids rather than rows, because the job may run much later. */
  payload: Payload;
  /** Not before this time; at once when left out. */
  runAt?: Date;
  /**
   * A job that waits under the same key gets this payload and time instead of a second job being made. One that already
   * runs is left alone, and this one runs beside or after it. Keys are shared by all kinds, so begin one with its kind.
   */
  key?: string;
}

/** Declares a kind of job. `name` stays in the database, so it must not change while jobs wait. */
export const jobKind = <Payload extends object>(name: string): JobKind<Payload> => ({ name });

/**
 * Puts jobs into the queue as a part of `tx`: they exist exactly when its changes are committed. One statement, however
 * many jobs; no two of one call may have the same key.
 */
export async function enqueue<Payload extends object>(
  tx: Transaction,
  kind: JobKind<Payload>,
  jobs: readonly NewJob<Payload>[],
): Promise<void> {
  if (jobs.length === 0) return;
  const specs = jobs.map(({ payload, runAt, key }) => ({
    identifier: kind.name,
    payload,
    run_at: runAt,
    job_key: key,
  }));
  const schema = raw(queueSchema);
  await tx.$executeRaw(sql`
    SELECT FROM ${schema}.add_jobs(
      array(SELECT json_populate_recordset(NULL::${schema}.job_spec, ${JSON.stringify(specs)}::json)), false)`);
  announceJobs(tx, kind.name);
}
