import { type Database, raw, sql } from '../database.js';
import { queueSchema } from './install.js';

/** The jobs of one kind that are in the queue. */
export interface Backlog {
  kind: string;
  /** Due, but not yet taken. */
  waiting: number;
  running: number;
  /** Not yet due, such as failed jobs that will be retried. */
  later: number;
  /** Failed for good after the last attempt. */
  failed: number;
  /** How long the oldest waiting job has been due, in seconds; 0 when none waits. */
  oldestSeconds: number;
}

/** The state of the queue, for all processes together. One statement. */
export async function readBacklog(db: Database): Promise<Backlog[]> {
  const rows = await db.read(sql`SELECT "task_identifier",
      (count(*) FILTER (WHERE NOT "is_failed" AND "locked_at" IS NULL AND "run_at" <= now()))::int,
      (count(*) FILTER (WHERE "locked_at" IS NOT NULL))::int,
      (count(*) FILTER (WHERE NOT "is_failed" AND "locked_at" IS NULL AND "run_at" > now()))::int,
      (count(*) FILTER (WHERE "is_failed"))::int,
      COALESCE(extract(epoch FROM now() -
        min("run_at") FILTER (WHERE NOT "is_failed" AND "locked_at" IS NULL AND "run_at" <= now())), 0)::float8
    FROM (SELECT *, "attempts" >= "max_attempts" AND "locked_at" IS NULL AS "is_failed" FROM ${raw(queueSchema)}."jobs") AS j
    GROUP BY 1`);
  return rows.map(
    ([kind, waiting, running, later, failed, oldestSeconds]) =>
      ({ kind, waiting, running, later, failed, oldestSeconds }) as Backlog,
  );
}
