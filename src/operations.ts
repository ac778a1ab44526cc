import type { IncomingMessage, ServerResponse } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from './db/database.js';
import { pendingMigrations } from './db/migrations/migrations.js';
import type { Log } from './lib/process/log.js';
import type { EventFeed } from './modules/events/event.feed.js';

/** What operators and their tools ask of a process. None of it needs a key, and none of it tells of any workspace. */
export interface Operations {
  /** Answers /health, /ready and /metrics. False when the path is another. */
  handle(path: string, response: ServerResponse): boolean;
  /** Counts and times a request until its answer is out. */
  observe(request: IncomingMessage, response: ServerResponse): void;
}

export function createOperations(database: Database, feed: EventFeed, log: Log): Operations {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'deskgraph_http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer.',
    labelNames: ['method', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const aborted = new Counter({
    name: 'deskgraph_http_requests_aborted_total',
    help: 'Requests whose client went away before the answer was out.',
    registers: [registry],
  });
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

  const answerReady = async (response: ServerResponse): Promise<void> => {
    try {
      const pending = await pendingMigrations(database.pool);
      if (pending.length === 0) answer(response, 200, { status: 'ok' });
      else answer(response, 503, { status: 'unavailable', reason: `Migrations are pending: ${pending.join(', ')}.` });
    } catch (error) {
      log.warn({ err: error }, 'The database does not answer.');
      answer(response, 503, { status: 'unavailable', reason: 'The database does not answer.' });
    }
  };

  const answerMetrics = async (response: ServerResponse): Promise<void> => {
    const text = await registry.metrics();
    response.writeHead(200, { 'content-type': registry.contentType });
    response.end(text);
  };

  const handlers = new Map<string, (response: ServerResponse) => Promise<void>>([
    ['/health', async (response) => answer(response, 200, { status: 'ok' })],
    ['/ready', answerReady],
    ['/metrics', answerMetrics],
  ]);

  return {
    handle(path, response) {
      const handler = handlers.get(path);
      handler?.(response).catch((error: unknown) => {
        log.error({ err: error }, `${path} failed.`);
        answer(response, 500, { status: 'failed' });
      });
      return handler !== undefined;
    },
    observe({ method = '' }, response) {
      const end = duration.startTimer({ method });
      response.once('close', () => {
        if (response.writableFinished) end({ status: response.statusCode });
        else aborted.inc();
      });
    },
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
