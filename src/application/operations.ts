import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AggregatorRegistry, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Database } from '../db/database.js';
import { logFailure } from '../db/faults/faults.js';
import { readBacklog } from '../db/queue/backlog.js';
import { createReadiness } from '../db/readiness.js';
import type { Replicas } from '../db/replicas/replicas.js';
import { alone, type Gather } from '../lib/observe/gather.js';
import { meters } from '../lib/observe/meters.js';
import type { Log } from '../lib/process/log.js';
import type { EventFeed } from '../modules/events/event.feed.js';
import { readOutboxLag } from '../modules/webhooks/deliveries/webhook.lag.js';

/** The endpoints for operators and their tools. They need no workspace key and reveal nothing of any workspace. */
export interface Operations {
  /** Whether the path is /health, /ready or /metrics. */
  handles(path: string): boolean;
  /** Answers these. False when the path is another. */
  handle(path: string, request: IncomingMessage, response: ServerResponse): boolean;
}

export interface OperationsOptions {
  database: Database;
  /** The replicas of the database; none when left out. */
  replicas?: Replicas | undefined;
  feed: EventFeed;
  /** How many WebSockets are open. */
  sockets: () => number;
  log: Log;
  /**
   * The reason why this process runs no jobs at the moment; undefined while it runs them. Absent if it never runs jobs.
   */
  jobs?: () => string | undefined;
  /** Whether the process is shutting down, so that load balancers send it nothing more. Absent: it is not. */
  isLeaving?: () => boolean;
  /** The bearer token for /metrics. When absent, only this machine may read it. */
  metricsToken?: string;
  /** Collects the metrics of all processes of the gateway. When left out, there is one process. */
  gather?: Gather;
}

/** The collectors of process metrics run as long as the process, and would keep a closed application in memory. */
function metersOfProcess(): Registry {
  if (!watched) {
    watched = new Registry();
    collectDefaultMetrics({ register: watched });
  }
  return watched;
}

let watched: Registry | undefined;

export function createOperations(options: OperationsOptions): Operations {
  const { database, replicas, feed, sockets, log, jobs, isLeaving, metricsToken, gather = alone } = options;
  const registry = new Registry();
  const ofProcess = metersOfProcess();
  new Gauge({
    name: 'deskgraph_database_connections',
    help: 'Connections of the pool by state, and requests that wait for one.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { totalCount, idleCount, waitingCount } = database.pool;
      this.set({ state: 'busy' }, totalCount - idleCount);
      this.set({ state: 'idle' }, idleCount);
      this.set({ state: 'waiting' }, waitingCount);
    },
  });

  new Gauge({
    name: 'deskgraph_subscriptions',
    help: 'Subscriptions that are open.',
    registers: [registry],
    collect() {
      this.set(feed.streams());
    },
  });

  new Gauge({
    name: 'deskgraph_websockets',
    help: 'WebSockets that are open.',
    registers: [registry],
    collect() {
      this.set(sockets());
    },
  });

  registerReplicas(registry, replicas);
  const all = gather(() => Registry.merge([ofProcess, meters, registry]).getMetricsAsJSON());
  const readiness = createReadiness(database, log);
  const answerReady = async (response: ServerResponse): Promise<void> => {
    const trouble = isLeaving?.() ? 'The gateway is shutting down.' : await readiness.look();
    const jobTrouble = trouble ?? jobs?.();
    const state = jobs && { jobs: jobTrouble === undefined ? 'ok' : 'unavailable' };
    const reason = trouble ?? (jobTrouble && `No jobs can be taken: ${jobTrouble}`);
    if (reason === undefined) answer(response, 200, { status: 'ok', ...state });
    else answer(response, 503, { status: 'unavailable', reason, ...state });
  };

  const answerMetrics = async (response: ServerResponse, request: IncomingMessage): Promise<void> => {
    if (metricsToken === undefined && !isLocal(request)) {
      return answer(response, 403, {
        status: 'forbidden',
        reason: 'Only this machine may ask, unless METRICS_TOKEN is set.',
      });
    }
    if (metricsToken !== undefined && !bears(request, metricsToken)) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      return answer(response, 401, { status: 'unauthenticated', reason: 'The token of METRICS_TOKEN is required.' });
    }
    const [processes, shared] = await Promise.all([all(), sharedMetrics(database, log)]);
    const counted = AggregatorRegistry.aggregate(processes);
    const text = [await counted.metrics(), await shared.metrics()].join('\n');
    response.writeHead(200, { 'content-type': registry.contentType }).end(text);
  };

  const handlers = new Map<string, (response: ServerResponse, request: IncomingMessage) => Promise<void>>([
    ['/health', async (response) => answer(response, 200, { status: 'ok' })],
    ['/ready', answerReady],
    ['/metrics', answerMetrics],
  ]);

  return {
    handles: (path) => handlers.has(path),
    handle(path, request, response) {
      const handler = handlers.get(path);
      handler?.(response, request).catch((error: unknown) => {
        log.error({ err: error }, `${path} failed.`);
        answer(response, 500, { status: 'failed' });
      });
      return handler !== undefined;
    },
  };
}

/** With several processes, the worst value that any of them sees. */
function registerReplicas(registry: Registry, replicas: Replicas | undefined): void {
  const registers = [registry];
  const states = () => replicas?.states() ?? [];
  new Gauge({
    name: 'deskgraph_replica_used',
    help: 'Whether queries may be read from the replica: it answers, and does not lag too far behind.',
    labelNames: ['replica'],
    registers,
    aggregator: 'min',
    collect() {
      for (const { name, isUsed } of states()) this.set({ replica: name }, Number(isUsed));
    },
  });
  new Gauge({
    name: 'deskgraph_replica_lag_seconds',
    help: 'How old what the replica has may be; missing for one that does not answer.',
    labelNames: ['replica'],
    registers,
    aggregator: 'max',
    collect() {
      this.reset();
      for (const { name, lagMs } of states()) if (lagMs !== undefined) this.set({ replica: name }, lagMs / 1_000);
    },
  });
}

/**
 * The metrics that all gateways on one database share, read on request. If the database is unavailable, only that fact.
 */
async function sharedMetrics(database: Database, log: Log): Promise<Registry> {
  const registry = new Registry();
  const registers = [registry];
  const up = new Gauge({ name: 'deskgraph_database_up', help: 'Whether the database answers.', registers });
  try {
    const [backlog, lag] = await Promise.all([readBacklog(database), readOutboxLag(database)]);
    const jobs = new Gauge({
      name: 'deskgraph_jobs',
      help: 'Jobs in the queue by kind and state: waiting, running, later or failed for good.',
      labelNames: ['kind', 'state'],
      registers,
    });
    const oldest = new Gauge({
      name: 'deskgraph_jobs_oldest_seconds',
      help: 'For how long the oldest waiting job has been due.',
      labelNames: ['kind'],
      registers,
    });
    for (const { kind, oldestSeconds, ...states } of backlog) {
      oldest.set({ kind }, oldestSeconds);
      for (const [state, count] of Object.entries(states)) jobs.set({ kind, state }, count);
    }
    const help = 'Age of the oldest event that was not yet made into deliveries of webhooks.';
    new Gauge({ name: 'deskgraph_outbox_lag_seconds', help, registers }).set(lag);
    up.set(1);
  } catch (error) {
    logFailure(log, error, 'What the gateways share could not be counted.', 'warn');
    up.set(0);
  }
  return registry;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

/** Whether the request comes from this machine, and was not forwarded by a proxy on it. */
function isLocal({ socket, headers }: IncomingMessage): boolean {
  const forwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => headers[name] !== undefined);
  return !forwarded && /^(?:::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '');
}

/** Compares hashes, so that the time of the comparison reveals nothing of the token. */
function bears({ headers }: IncomingMessage, token: string): boolean {
  const [, given = ''] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(token));
}
