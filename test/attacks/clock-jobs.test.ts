import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Database, openDatabase } from '../../src/db/database.js';
import { enqueue, type JobKind, jobKind, type NewJob } from '../../src/db/queue/jobs.js';
import { type Queue, type QueueOptions, startQueue, workers } from '../../src/db/queue/queue.js';
import { createLog } from '../../src/lib/process/log.js';
import { pauseLeftMs } from '../../src/modules/webhooks/sending/webhook.schedule.js';
import { testConnection } from '../kit/connection.js';

/**
 * The clock of the database is put forward and back while jobs wait and run. The tests move what is on record of the time
 * instead: a day ahead of the clock, as it lies there once the clock was put back by a day.
 */

interface Work {
  n: number;
}

const connection = testConnection();
const queues: Queue[] = [];
let db: Database;
let kind: JobKind<Work>;
let kinds = 0;

beforeAll(() => {
  db = openDatabase(connection, { connections: 3 });
});
beforeEach(() => {
  kinds += 1;
  kind = jobKind<Work>(`clock-test-${process.pid}-${kinds}`);
});
afterEach(async () => {
  await Promise.all(queues.splice(0).map((queue) => queue.stop()));
  await db.pool.query('delete from deskgraph_jobs._private_jobs');
  await db.pool.query('delete from deskgraph_jobs.worker_life');
});
afterAll(() => db.close());

const moveJobs = `update deskgraph_jobs._private_jobs set run_at = run_at + $1::interval,
  created_at = created_at + $1::interval, updated_at = updated_at + $1::interval, locked_at = locked_at + $1::interval`;
const moveWorkers = 'update deskgraph_jobs.worker_life set seen_at = seen_at + $1::interval';

async function move(by: string): Promise<void> {
  await db.pool.query(moveJobs, [by]);
  await db.pool.query(moveWorkers, [by]);
}

/** Jobs that were put into the queue before the clock was put back, unseen by who works it off. */
const putBefore = (...jobs: NewJob<Work>[]) =>
  db.transaction(async (tx) => {
    await enqueue(tx, kind, jobs);
    await tx.$executeRawUnsafe(moveJobs.replaceAll('$1', "'1 day'"));
  });

function start(run: (work: Work) => Promise<void>, options: Partial<QueueOptions> = {}): void {
  const log = createLog('silent');
  queues.push(startQueue({ connection, log, workers: [workers(kind, 1, run)], pollMs: 50, ...options }));
}

const jobs = async () =>
  (
    await db.pool.query<{ payload: Work; ahead: number }>(
      `select j.payload, extract(epoch from j.run_at - now())::float8 as ahead from deskgraph_jobs._private_jobs as j
       join deskgraph_jobs._private_tasks as t on t.id = j.task_id where t.identifier = $1`,
      [kind.name],
    )
  ).rows;

describe('after the clock was put back by a day', () => {
  test('a process that starts does what waits at once, and later what was to wait', async () => {
    const done: number[] = [];
    await putBefore({ payload: { n: 1 } }, { payload: { n: 2 }, runAt: new Date(Date.now() + 3_600_000) });
    start(async ({ n }) => void done.push(n));
    await expect.poll(() => done).toEqual([1]);
    // What is done goes from the queue a moment later.
    const left = async () => (await jobs()).map(({ payload, ahead }) => [payload.n, Math.abs(ahead - 3_600) < 100]);
    await expect.poll(left).toEqual([[2, true]]);
  });

  test('a process that runs does too', async () => {
    const done: number[] = [];
    start(async ({ n }) => void done.push(n), { deadAfterMs: 1_000 });
    await expect.poll(async () => (await db.pool.query('select from deskgraph_jobs.worker_life')).rowCount).toBe(1);
    await putBefore({ payload: { n: 1 } });
    await db.pool.query(moveWorkers, ['1 day']);
    await expect.poll(() => done).toEqual([1]);
  });

  test('a job for a certain time keeps it when it was put into the queue after that', async () => {
    const runAt = new Date(Date.now() + 24 * 3_600_000);
    await db.transaction((tx) => enqueue(tx, kind, [{ payload: { n: 1 }, runAt }]));
    const done: number[] = [];
    await putBefore({ payload: { n: 2 }, key: kind.name });
    await db.pool.query(`update deskgraph_jobs._private_jobs set run_at = $1, updated_at = now() where key is null`, [
      runAt,
    ]);
    start(async ({ n }) => void done.push(n));
    await expect.poll(() => done).toEqual([2]);
    const left = async () => (await jobs()).map(({ payload, ahead }) => [payload.n, ahead > 80_000]);
    await expect.poll(left).toEqual([[1, true]]);
  });

  test('the job of a process that died before is done by another', async () => {
    const done: number[] = [];
    await db.transaction((tx) => enqueue(tx, kind, [{ payload: { n: 1 } }]));
    await db.pool.query(`update deskgraph_jobs._private_jobs set locked_by = 'dead', locked_at = now()`);
    await db.pool.query(`insert into deskgraph_jobs.worker_life values ('dead', now())`);
    await move('1 day');
    start(async ({ n }) => void done.push(n), { deadAfterMs: 1_000 });
    await expect.poll(() => done).toEqual([1]);
  });
});

test('nobody takes the jobs of those who live because the clock was put forward', async () => {
  const begun: number[] = [];
  let end: () => void = () => undefined;
  const isOver = new Promise<void>((resolve) => {
    end = resolve;
  });
  const work = async ({ n }: Work): Promise<void> => {
    begun.push(n);
    await isOver;
  };
  const options = { deadAfterMs: 6_000 };
  for (let place = 0; place < 4; place += 1) start(work, options);
  await db.transaction((tx) => enqueue(tx, kind, [{ payload: { n: 1 } }]));
  await expect.poll(() => begun).toEqual([1]);
  const seen = async (): Promise<number> => {
    const ahead = `extract(epoch from min(seen_at) - now())::float8`;
    return (await db.pool.query(`select ${ahead} as ahead from deskgraph_jobs.worker_life`)).rows[0].ahead;
  };
  await move('-1 day');
  // The library looks at a moment of its own for what was locked for hours: now.
  const random = vi.spyOn(Math, 'random').mockReturnValue(0);
  start(work, options);
  random.mockRestore();
  await expect.poll(seen).toBeGreaterThan(-60);
  await db.transaction(async (tx) => {
    await enqueue(tx, kind, [{ payload: { n: 2 } }]);
    await tx.$executeRawUnsafe(`update deskgraph_jobs._private_jobs set locked_by = 'dead', locked_at = now()
      where locked_by is null`);
  });
  await move('-1 day');
  // All have shown themselves, and one has looked for those who had not.
  await expect.poll(() => begun).toContain(2);
  expect(begun).toEqual([1, 2]);
  end();
  await expect.poll(jobs).toEqual([]);
});

test('the pause of an endpoint ends in its time or, when the clock was put back, at once', () => {
  const now = Date.now();
  expect(pauseLeftMs({ pausedUntil: new Date(now + 60_000) }, now)).toBe(60_000);
  expect(pauseLeftMs({ pausedUntil: new Date(now + 60_000) }, now + 86_400_000)).toBe(0);
  expect(pauseLeftMs({ pausedUntil: new Date(now + 60_000) }, now - 86_400_000)).toBe(0);
});
