import { announceJobs, raw, sql, type Transaction } from '../database.js';
import { queueSchema } from './install.js';

/** A kind of job: its name in the database, and the type of its payload. */
export interface JobKind<Payload extends object> {
  readonly name: string;
  /** For type inference only; it has no value at run time. */
  readonly payload?: Payload;
}

/** A job to put into the queue. */
export interface NewJob<Payload extends object> {
  /** The data for the work, as JSON. It contains ids instead of rows, because the job may run much later. */
  payload: Payload;
  /** The earliest time to run; at once when left out. */
  runAt?: Date;
  /**
   * If a job with the same key is waiting, it gets this payload and time, and no second job is created. If it is
   * already running, a new job is created, which may run at the same time. Keys are shared by all kinds, so begin a key
   * with its kind.
   */
  key?: string;
}

/** Declares a kind of job. `name` is stored in the database, so it must not change while jobs wait. */
export const jobKind = <Payload extends object>(name: string): JobKind<Payload> => ({ name });

/**
 * Queues jobs as part of `tx`: they exist only if it is committed. One statement, however many jobs. Keys must be
 * distinct within one call.
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
