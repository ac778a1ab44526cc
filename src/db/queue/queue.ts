import { runTaskList, type WorkerPool } from 'graphile-worker';
import pg from 'pg';
import { jobDuration } from '../../lib/observe/meters.js';
import { traced } from '../../lib/observe/tracing.js';
import type { Log } from '../../lib/process/log.js';
import { messageOf } from '../../lib/process/logged-error.js';
import type { Connection } from '../connection/connection.js';
import { logFailure } from '../faults/faults.js';
import { prepared } from '../session.js';
import { freeingByClock, leaveOut, listening, releaseOnce } from './clients.js';
import { type Heartbeats, heartbeatsOf } from './heartbeats.js';
import { queueSchema } from './install.js';
import type { JobKind } from './jobs.js';
import { loggerOf } from './logger.js';

/** What a job's function gets in addition to the payload. */
export interface JobRun {
  /** Aborts when the process shuts down and waits no longer. The job must stop and throw, so that it is run again. */
  signal: AbortSignal;
}

/** Workers for one kind of job. Each kind has its own, so that none delays another. */
export interface Workers {
  kind: JobKind<object>;
  /** How many jobs of this kind a process runs at once. */
  concurrency: number;
  run(payload: object, run: JobRun): Promise<void>;
}

/**
 * Creates workers for a kind of job. A job runs at least once: it runs again after it threw (after about 3 s, 7 s, 20 s
 * … 6 h, 25 times in all), and after its process died. So `run` must first check whether there is still something to
 * do.
 */
export function workers<Payload extends object>(
  kind: JobKind<Payload>,
  concurrency: number,
  run: (payload: Payload, run: JobRun) => Promise<void>,
): Workers {
  // The type of the payload was checked when it was queued.
  return { kind, concurrency, run: (payload, jobRun) => run(payload as Payload, jobRun) };
}

export interface Queue {
  /** Looks for jobs of a kind at once, because some were committed. */
  wake(kind: string): void;
  /** The reason why no jobs are taken at the moment; undefined while they are taken. */
  trouble(): string | undefined;
  /** Takes no further jobs and waits for the running ones. Jobs that take too long are aborted and run again later. */
  stop(): Promise<void>;
}

export interface QueueOptions {
  connection: Connection;
  log: Log;
  workers: readonly Workers[];
  /** How often to poll for jobs without `wake`; 1 second by default. */
  pollMs?: number;
  /** After how long without a heartbeat other processes take over a process's jobs; 30 seconds by default. */
  deadAfterMs?: number;
  /** How long `stop` waits before it aborts jobs; 4 seconds by default. They then have one more second. */
  patienceMs?: number;
}

/** How long an aborted job may take to stop. */
const lastMomentMs = 1000;
/** How long to wait before a broken group of workers is replaced. */
const replaceAfterMs = 1000;

/** Starts to process the queue. Several processes may do so: each job is run by one of them. */
export function startQueue(options: QueueOptions): Queue {
  const { connection, log, pollMs = 1000, deadAfterMs = 30_000, patienceMs = 4000 } = options;
  // One connection of each group listens. The others are shared.
  const pool = new pg.Pool({ max: options.workers.length + 3, ...prepared(connection) });
  pool.on('error', (error) => log.warn({ err: error }, 'An idle connection of the job queue broke.'));
  // A connection that breaks while in use fails its statement. Without a listener it would also end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('connect', releaseOnce);
  const isPooled = connection.pooling === 'transaction';
  const leftOut = isPooled ? [listening, freeingByClock] : [freeingByClock];
  pool.on('connect', (client) => leaveOut(client, leftOut));
  const heartbeats = heartbeatsOf(pool);

  const groups = options.workers.map((work) =>
    keepGroup(work, { pool, log, pollMs, patienceMs, noPreparedStatements: isPooled }),
  );
  const life = keepAlive(heartbeats, groups, deadAfterMs, log);

  return {
    wake(kind) {
      for (const group of groups) if (group.kind === kind) group.wake();
    },
    trouble() {
      const broken = groups.filter((group) => group.isBroken()).map(({ kind }) => kind);
      if (broken.length > 0) return `The workers of ${broken.join(', ')} are being replaced.`;
      return life.isShown() ? undefined : 'The job queue could not be written for a while.';
    },
    async stop() {
      await Promise.all(groups.map((group) => group.stop()));
      await life.end();
      await pool.end();
    },
  };
}

/** Workers of one kind: a worker pool of the library, which is replaced if it breaks. */
interface Group {
  kind: string;
  id(): string;
  /** Whether it is broken and waits to be replaced. */
  isBroken(): boolean;
  wake(): void;
  stop(): Promise<void>;
}

interface GroupOptions {
  pool: pg.Pool;
  log: Log;
  pollMs: number;
  patienceMs: number;
  noPreparedStatements: boolean;
}

function keepGroup(work: Workers, { pool, log, pollMs, patienceMs, noPreparedStatements }: GroupOptions): Group {
  const { kind, concurrency } = work;
  let stopping = false;
  let replacing: NodeJS.Timeout | undefined;
  let current = start();

  function start(): WorkerPool {
    const started = runTaskList(
      {
        schema: queueSchema,
        logger: loggerOf(log),
        concurrency,
        pollInterval: pollMs,
        gracefulShutdownAbortTimeout: patienceMs,
        noHandleSignals: true,
        noPreparedStatements,
        preset: {
          worker: {
            // One query for jobs serves all workers. Jobs that none of them takes soon are returned for other
            // processes.
            localQueue: { size: concurrency, ttl: 2000 },
            completeJobBatchDelay: 5,
            failJobBatchDelay: 5,
          },
        },
      },
      { [kind.name]: (payload, { abortSignal }) => runQuietly(work, payload as object, { signal: abortSignal }) },
      pool,
    );
    started.promise.catch((error: unknown) => {
      if (stopping) return;
      logFailure(log, error, `The workers of ${kind.name} broke down and are replaced.`);
      replacing = setTimeout(() => {
        replacing = undefined;
        current = start();
      }, replaceAfterMs);
    });
    return started;
  }

  return {
    kind: kind.name,
    id: () => current.id,
    isBroken: () => replacing !== undefined,
    wake() {
      if (!stopping && !replacing) current.nudge(concurrency);
    },
    async stop() {
      stopping = true;
      clearTimeout(replacing);
      await end(current, patienceMs + lastMomentMs).catch((error: unknown) =>
        log.warn({ err: error, kind: kind.name }, 'Jobs were broken off by the shut-down and will be run again.'),
      );
    },
  };
}

/**
 * The queue stores the error message with the job.
 * @throws an error without quoted values, with the original as its cause
 */
async function runQuietly(work: Workers, payload: object, run: JobRun): Promise<void> {
  const end = jobDuration.startTimer({ kind: work.kind.name });
  try {
    await traced({ name: `job ${work.kind.name}`, kind: 'consumer' }, () => work.run(payload, run));
    end({ outcome: 'done' });
  } catch (error) {
    end({ outcome: 'failed' });
    throw new Error(messageOf(error), { cause: error });
  }
}

/** Waits for the running jobs of the group. After `limitMs` returns them to the queue. */
async function end(group: WorkerPool, limitMs: number): Promise<void> {
  const message = 'The process shuts down.';
  const force = setTimeout(() => void Promise.resolve(group.forcefulShutdown(message)).catch(() => undefined), limitMs);
  try {
    // This promise stays pending when jobs are aborted; that of the group does not.
    Promise.resolve(group.gracefulShutdown(message)).catch(() => undefined);
    await group.promise;
  } finally {
    clearTimeout(force);
  }
}

/** Sends heartbeats of the groups until it is ended, and frees the jobs of dead groups. */
function keepAlive(
  heartbeats: Heartbeats,
  groups: readonly Group[],
  deadAfterMs: number,
  log: Log,
): { isShown(): boolean; end(): Promise<void> } {
  const ids = (): string[] => groups.map((group) => group.id());
  let busy: Promise<void> | undefined;
  let shownAt = Number.NEGATIVE_INFINITY;
  let jumpedAt = Number.NEGATIVE_INFINITY;
  const beat = (): void => {
    const begunAt = performance.now();
    busy ??= heartbeats
      .show(ids())
      .then(async (sinceMs) => {
        shownAt = begunAt;
        const isInStep = sinceMs !== null && Math.abs(sinceMs) < deadAfterMs;
        if (sinceMs !== null && !isInStep) jumpedAt = begunAt;
        if (!isInStep) await heartbeats.bringBack(deadAfterMs);
        // After the clock was set forward, the heartbeats of others look old. They get the full time to send new ones.
        else if (begunAt - jumpedAt > deadAfterMs) await heartbeats.freeAbandoned(ids(), deadAfterMs);
      })
      .catch((error: unknown) => logFailure(log, error, 'The heartbeats of the job queue failed.', 'warn'))
      .finally(() => {
        busy = undefined;
      });
  };
  beat();
  const timer = setInterval(beat, deadAfterMs / 4);
  return {
    // After a longer silence, others take over the jobs.
    isShown: () => performance.now() - shownAt < deadAfterMs,
    async end() {
      clearInterval(timer);
      await busy;
      await heartbeats.end(ids()).catch(() => undefined);
    },
  };
}
