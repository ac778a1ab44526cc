import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../src/db/database.js';
import { layout } from '../../../src/db/embedded/layout.js';
import { currentHolder } from '../../../src/db/embedded/lock.js';
import { startEmbedded } from '../../../src/db/embedded/start.js';
import { enqueue, type JobKind, jobKind, type NewJob } from '../../../src/db/queue/jobs.js';
import { type JobRun, type Queue, type QueueOptions, startQueue, workers } from '../../../src/db/queue/queue.js';
import { createLog } from '../../../src/lib/process/log.js';
import { packageRoot } from '../../../src/lib/process/root.js';
import { releaseTheDead } from '../../../src/upkeep.js';
import { testConnection } from '../../kit/connection.js';
import { temporaryDataDir } from '../../kit/data-dir.js';
import { createTestDatabase } from '../../kit/database.js';
import { openProxy } from '../../kit/proxy.js';

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
  kind = jobKind<Work>(`queue-test-${process.pid}-${kinds}`);
});

afterEach(async () => {
  await Promise.all(queues.splice(0).map((queue) => queue.stop()));
});

afterAll(() => db.close());

const put = (...jobs: NewJob<Work>[]) => db.transaction((tx) => enqueue(tx, kind, jobs));

/** Workers of this test's kind, as a process of their own would have them. */
async function start(
  run: (work: Work, jobRun: JobRun) => Promise<void>,
  { concurrency = 1, ...options }: Partial<QueueOptions> & { concurrency?: number } = {},
): Promise<Queue> {
  const queue = startQueue({
    connection,
    log: createLog('silent'),
    workers: [workers(kind, concurrency, run)],
    pollMs: 50,
    ...options,
  });
  queues.push(queue);
  return queue;
}

/** Jobs of this test's kind that are not done. */
async function waiting(): Promise<{ attempts: number }[]> {
  const { rows } = await db.pool.query<{ attempts: number }>(
    'select attempts from deskgraph_jobs.jobs where task_identifier = $1',
    [kind.name],
  );
  return rows;
}

test('a job of a transaction that is committed runs once, one of a transaction that is rolled back never', async () => {
  const done: number[] = [];
  await start(async ({ n }) => void done.push(n));
  const failure = db.transaction(async (tx) => {
    await enqueue(tx, kind, [{ payload: { n: 1 } }]);
    throw new Error('Rolled back.');
  });
  await expect(failure).rejects.toThrow('Rolled back.');
  await put({ payload: { n: 2 } }, { payload: { n: 3 } });
  await expect.poll(waiting).toEqual([]);
  expect(done.sort()).toEqual([2, 3]);
});

test('a job waits for its time', async () => {
  let ranAt = 0;
  const runAt = new Date(Date.now() + 1500);
  await put({ payload: { n: 1 }, runAt });
  await start(async () => {
    ranAt = Date.now();
  });
  await expect.poll(waiting).toEqual([]);
  expect(ranAt).toBeGreaterThanOrEqual(runAt.getTime());
});

test('a job under the key of one that waits takes its place', async () => {
  const done: number[] = [];
  await put({ payload: { n: 1 }, key: `${kind.name}:a` }, { payload: { n: 2 }, key: `${kind.name}:b` });
  await put({ payload: { n: 3 }, key: `${kind.name}:a` });
  await start(async ({ n }) => void done.push(n));
  await expect.poll(waiting).toEqual([]);
  expect(done.sort()).toEqual([2, 3]);
});

test('no more jobs of a kind run at once than it has workers', async () => {
  let [running, most, done] = [0, 0, 0];
  await put(...Array.from({ length: 12 }, (_, n) => ({ payload: { n } })));
  await start(
    async () => {
      running += 1;
      most = Math.max(most, running);
      // The first ones wait for each other; then there is time for one too many to begin.
      await expect.poll(() => most, { interval: 5 }).toBeGreaterThanOrEqual(3);
      await pause(20);
      running -= 1;
      done += 1;
    },
    { concurrency: 3 },
  );
  await expect.poll(waiting).toEqual([]);
  expect([most, done]).toEqual([3, 12]);
});

test('several processes share the jobs, and none is done twice', async () => {
  const done: number[] = [];
  const jobs = Array.from({ length: 300 }, (_, n) => ({ payload: { n } }));
  const run = async ({ n }: Work) => void done.push(n);
  await Promise.all([1, 2, 3].map(() => start(run, { concurrency: 4 })));
  await Promise.all([put(...jobs.slice(0, 150)), put(...jobs.slice(150))]);
  await expect.poll(waiting).toEqual([]);
  expect(done.sort((a, b) => a - b)).toEqual(jobs.map((_, n) => n));
});

test('who is woken does not wait for the next look', async () => {
  let ran = false;
  const queue = await start(
    async () => {
      ran = true;
    },
    { pollMs: 3_600_000 },
  );
  // Its first look comes before the job.
  await pause(300);
  db.onEnqueue((name) => queue.wake(name));
  await put({ payload: { n: 1 } });
  await expect.poll(() => ran).toBe(true);
});

test('a job that throws is run again', async () => {
  let runs = 0;
  await put({ payload: { n: 1 } });
  await start(async () => {
    runs += 1;
    if (runs === 1) throw new Error('The first time.');
  });
  await expect.poll(waiting).toEqual([]);
  expect(runs).toBe(2);
});

test('the job of a process that was killed is taken by another', async () => {
  await put({ payload: { n: 7 } });
  const child = fork(join(packageRoot, 'test/db/queue/lost-worker.mjs'), [JSON.stringify(connection), kind.name]);
  expect(await firstMessage(child)).toEqual({ n: 7 });

  const done: number[] = [];
  await start(async ({ n }) => void done.push(n), { deadAfterMs: 1500 });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  await expect.poll(waiting).toEqual([]);
  expect(done).toEqual([7]);
});

test('the job of a process that lives is left to it, however long it takes', async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const done: string[] = [];
  await put({ payload: { n: 1 } });
  await start(() => held.then(() => void done.push('first')), { deadAfterMs: 400 });
  await expect.poll(waiting).toEqual([{ attempts: 1 }]);
  // It shows itself again and again.
  const shownAt = async () => (await db.pool.query('select max(seen_at) as at from deskgraph_jobs.worker_life')).rows;
  for (const _time of [1, 2, 3]) await expect.poll(shownAt).not.toEqual(await shownAt());
  // As if it had begun the job long ago.
  await db.pool.query(`update deskgraph_jobs._private_jobs set locked_at = locked_at - interval '1 hour'`);
  await start(async () => void done.push('second'));
  // Whoever begins looks for the dead at once, and does not end before that is done.
  await queues.pop()?.stop();
  const { rows } = await db.pool.query('select from deskgraph_jobs.jobs where locked_by is not null');
  expect(rows).toHaveLength(1);
  release();
  await expect.poll(waiting).toEqual([]);
  expect(done).toEqual(['first']);
});

test('whoever knows that all others are dead takes their jobs at once', async () => {
  // Its own database, as no other process may have jobs in it.
  const own = await createTestDatabase();
  const database = openDatabase(own.connection, { connections: 2 });
  await database.transaction((tx) => enqueue(tx, kind, [{ payload: { n: 7 } }]));
  const child = fork(join(packageRoot, 'test/db/queue/lost-worker.mjs'), [JSON.stringify(own.connection), kind.name]);
  await firstMessage(child);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;

  const done: number[] = [];
  await releaseTheDead(database);
  const queue = await start(async ({ n }) => void done.push(n), { connection: own.connection });
  await expect.poll(() => done).toEqual([7]);
  await queue.stop();
  queues.length = 0;
  await database.close();
  await own.drop();
});

test('a stop waits for the jobs that run, and takes no others', async () => {
  let finish = (): void => undefined;
  const running = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const done: unknown[] = [];
  await put({ payload: { n: 1 } });
  const queue = await start(async ({ n }) => running.then(() => void done.push(n)), { patienceMs: 600_000 });
  await expect.poll(waiting).toEqual([{ attempts: 1 }]);
  const stopped = queue.stop().then(() => void done.push('stopped'));
  queues.length = 0;
  await put({ payload: { n: 2 } });
  finish();
  await stopped;
  expect(done).toEqual([1, 'stopped']);
  expect(await waiting()).toEqual([{ attempts: 0 }]);
});

test('a job that hangs is told to stop, and is run again by the next process', async () => {
  let told = false;
  await put({ payload: { n: 1 } });
  const queue = await start(
    (_, { signal }) => {
      signal.addEventListener('abort', () => {
        told = true;
      });
      return new Promise(() => undefined);
    },
    { patienceMs: 200 },
  );
  await expect.poll(waiting).toEqual([{ attempts: 1 }]);
  await queue.stop();
  queues.length = 0;
  expect(told).toBe(true);

  const done: number[] = [];
  await start(async ({ n }) => void done.push(n));
  await expect.poll(waiting).toEqual([]);
  expect(done).toEqual([1]);
});

test('workers whose database died work again when it is back', async () => {
  const directory = await temporaryDataDir();
  const { socketDir, stop } = await startEmbedded(directory, 'gateway');
  const own = { host: socketDir, port: 5432, user: 'postgres', database: 'postgres' };
  const done: number[] = [];
  const queue = await start(async ({ n }) => void done.push(n), { connection: own });
  const addOne = async (n: number): Promise<void> => {
    const database = openDatabase(own, { connections: 1 });
    await database.transaction((tx) => enqueue(tx, kind, [{ payload: { n } }]));
    await database.close();
  };
  const left = async (): Promise<number | null> => {
    const database = openDatabase(own, { connections: 1 });
    const { rowCount } = await database.pool.query('select from deskgraph_jobs.jobs');
    await database.close();
    return rowCount;
  };
  await addOne(1);
  await expect.poll(() => done).toEqual([1]);
  // One that is not known to be done would be done again.
  await expect.poll(left).toBe(0);
  const holder = await currentHolder(layout(directory).run);
  process.kill(holder?.pid ?? 0, 'SIGKILL');
  await expect
    .poll(() =>
      addOne(2).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  await expect.poll(() => done).toEqual([1, 2]);
  await queue.stop();
  queues.length = 0;
  await stop();
  await rm(directory, { recursive: true });
});

test('the revision of the tables that the start looks for is that of the library', () => {
  const revisions = readdirSync(join(packageRoot, 'node_modules/graphile-worker/sql')).map(Number.parseFloat);
  expect(Math.max(...revisions)).toBe(19);
});

function firstMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`The worker ended with ${code}.`)));
  });
}

test('a queue says that it takes no jobs while its database is away', async () => {
  const proxy = await openProxy(connection);
  try {
    const queue = await start(async () => undefined, { connection: proxy.connection, deadAfterMs: 400 });
    await expect.poll(() => queue.trouble()).toBeUndefined();
    await proxy.close();
    await expect.poll(() => queue.trouble()).toMatch(/\.$/);
    await proxy.open();
    await expect.poll(() => queue.trouble()).toBeUndefined();
  } finally {
    await proxy.close();
  }
});
