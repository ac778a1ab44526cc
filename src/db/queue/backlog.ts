import { type Database, raw, sql } from '../database.js';
import { queueSchema } from './install.js';

/** The jobs of one kind that are in the queue. */
export interface Backlog {
  kind: string;
  /** Due, and taken by nobody. */
  waiting: number;
  running: number;
  /** Not due yet, such as those that failed and are tried again. */
  later: number;
  /** Given up after the last attempt. */
  failed: number;
  /** For how long the oldest has been due, in seconds; 0 when none waits. */
  oldestSeconds: number;
}

/** What is in the queue, for all processes together. One statement. */
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
