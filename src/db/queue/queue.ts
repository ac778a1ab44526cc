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

/** What a job gets in addition to its payload. */
export interface JobRun {
  /** Fires when the process shuts down and does not wait any longer: stop, and throw, so that the job is run again. */
  signal: AbortSignal;
}

/** Workers for one kind of job, apart from those of other kinds, so that none holds another up. */
export interface Workers {
  kind: JobKind<object>;
  /** How many of its jobs this process runs at once. */
  concurrency: number;
  run(payload: object, run: JobRun): Promise<void>;
}

/**
 * Who does the jobs of a kind. A job is done at least once: again after it threw (in about 3 s, 7 s, 20 s … 6 h, 25 times
 * in all), and after its process died; so `run` looks first whether there is still something to do.
 */
export function workers<Payload extends object>(
  kind: JobKind<Payload>,
  concurrency: number,
  run: (payload: Payload, run: JobRun) => Promise<void>,
): Workers {
  // The kind that enqueued the payload fixed its shape.
  return { kind, concurrency, run: (payload, jobRun) => run(payload as Payload, jobRun) };
}

export interface Queue {
  /** Looks for jobs of a kind now instead of in a moment, because some were committed. */
  wake(kind: string): void;
  /** Why no jobs are taken at the moment; undefined while they are. */
  trouble(): string | undefined;
  /** Takes no more jobs and waits for those that run. What hangs is told to stop, and then left to be run again. */
  stop(): Promise<void>;
}

export interface QueueOptions {
  connection: Connection;
  log: Log;
  workers: readonly Workers[];
  /** How often to look for jobs of which nobody told; 1 second. */
  pollMs?: number;
  /** How long a process must send no heartbeat before others take its jobs; 30 seconds. */
  deadAfterMs?: number;
  /** How long `stop` waits before jobs are told to stop; 4 seconds. They then have a second to do so. */
  patienceMs?: number;
}

/** How long jobs have that were told to stop. */
const lastMomentMs = 1000;
/** How long to wait before a group of workers that broke down is replaced. */
const replaceAfterMs = 1000;

/** Begins to work off the queue in this process. Beside other processes that do, each job is run by one of them. */
export function startQueue(options: QueueOptions): Queue {
  const { connection, log, pollMs = 1000, deadAfterMs = 30_000, patienceMs = 4000 } = options;
  // One connection of each group listens; the others are shared.
  const pool = new pg.Pool({ max: options.workers.length + 3, ...prepared(connection) });
  pool.on('error', (error) => log.warn({ err: error }, 'An idle connection of the job queue broke.'));
  // One that broke while in use fails what it was used for; without a listener the process would end as well.
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

/** Workers of one kind: a group of the library's, and another one in its place if it breaks down. */
interface Group {
  kind: string;
  id(): string;
  /** Whether it broke down and waits to be replaced. */
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
            // One look for jobs serves all workers, and what none of them takes soon goes back to other processes.
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

/** The queue stores the message of an error with the job. @throws an error that quotes nothing, with its cause */
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

/** Lets the jobs of the group end, after `limitMs` by giving them back to the queue. */
async function end(group: WorkerPool, limitMs: number): Promise<void> {
  const message = 'The process shuts down.';
  const force = setTimeout(() => void Promise.resolve(group.forcefulShutdown(message)).catch(() => undefined), limitMs);
  try {
    // Its own promise stays open when jobs are broken off, unlike that of the group.
    Promise.resolve(group.gracefulShutdown(message)).catch(() => undefined);
    await group.promise;
  } finally {
    clearTimeout(force);
  }
}

/** Shows the groups as living until it is ended, and looks for those that are not. */
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
        // When the clock was put forward, the others have not shown themselves since. They have their whole time to do so.
        else if (begunAt - jumpedAt > deadAfterMs) await heartbeats.freeAbandoned(ids(), deadAfterMs);
      })
      .catch((error: unknown) => logFailure(log, error, 'The job queue could not be looked after.', 'warn'))
      .finally(() => {
        busy = undefined;
      });
  };
  beat();
  const timer = setInterval(beat, deadAfterMs / 4);
  return {
    // Others take the jobs of who was silent for longer.
    isShown: () => performance.now() - shownAt < deadAfterMs,
    async end() {
      clearInterval(timer);
      await busy;
      await heartbeats.end(ids()).catch(() => undefined);
    },
  };
}
