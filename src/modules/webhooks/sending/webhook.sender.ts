import DataLoader from 'dataloader';
import type { Database } from '../../../db/database.js';
import { type JobRun, type Workers, workers } from '../../../db/queue/queue.js';
import type { Poster, PostOutcome } from '../../../lib/http/post.js';
import { formatNamed, type WebhookFormats } from '../../../lib/http/webhook-format.js';
import { webhookAttempts } from '../../../lib/observe/meters.js';
import { traced, tracing } from '../../../lib/observe/tracing.js';
import type { FileLinks } from '../../file/file.links.js';
import { type DeliveryJob, deliverJob, deliverSlowlyJob, enqueueDeliveries } from '../webhook.jobs.js';
import { type Attempt, recordAttempts } from './webhook.attempt.js';
import { type DeliveryKey, type DeliveryRequest, readDeliveryRequests } from './webhook.request.js';
import { pauseLeftMs, standardDelays } from './webhook.schedule.js';
import { standardHeaders } from './webhook.signature.js';

export interface DeliveryOptions {
  poster: Poster;
  formats: WebhookFormats;
  /** Creates the links to stored files. */
  links: FileLinks;
  /** The delays before each retry, in milliseconds. When left out: nine delays over three days. */
  delaysMs?: readonly number[];
}

const concurrency = 50;
const slowConcurrency = 20;

/** An endpoint that took longer than this counts as slow for a while. Slow endpoints have their own workers. */
const slowMs = 4_000;
const slowForMs = 60_000;
/** Deliveries to an endpoint whose pause ended are spread over this time. */
const afterPauseMs = 10_000;

/** The workers that send queued deliveries. */
export function deliveryWorkers(
  db: Database,
  { poster, formats, links, delaysMs = standardDelays }: DeliveryOptions,
): Workers[] {
  /** Until when each endpoint counts as slow, by `performance.now()`. */
  const slow = new Map<string, number>();

  // Jobs that begin together are read together. Jobs that end at about the same time are recorded together.
  const requests = new DataLoader<DeliveryKey, DeliveryRequest | null>(
    (keys) => readDeliveryRequests(db, keys, formats, links),
    { cache: false },
  );
  const records = new DataLoader<Attempt, null>(
    async (attempts) => {
      await recordAttempts(db, attempts, delaysMs);
      return attempts.map(() => null);
    },
    { cache: false, maxBatchSize: 100, batchScheduleFn: (run) => setTimeout(run, gatherMs) },
  );

  const noteSpeed = (endpointId: string, durationMs: number): void => {
    const now = performance.now();
    for (const [id, until] of slow) if (until < now) slow.delete(id);
    if (durationMs > slowMs) slow.set(endpointId, now + slowForMs);
  };

  const deliver = async (job: DeliveryJob, { signal }: JobRun, isSlowLane: boolean): Promise<void> => {
    const request = await requests.load(job);
    if (request?.delivery.status !== 'PENDING' || request.delivery.attemptCount !== job.attemptCount) return;
    const { delivery, endpoint, isAllowed } = request;
    // A test checks whether an endpoint works, so it is also sent to a disabled or paused endpoint.
    const isTest = delivery.eventId === null;
    if (!isAllowed || (endpoint.disabledAt && !isTest)) return cancel(db, job);
    const pauseMs = pauseLeftMs(endpoint);
    if (pauseMs > 0 && !isTest) return postpone(db, job, pauseMs);
    if (!isSlowLane && (slow.get(endpoint.id) ?? 0) > performance.now()) {
      return db.transaction((tx) => enqueueDeliveries(tx, [job], deliverSlowlyJob));
    }

    await db.acknowledge(job.workspaceId);
    const startedAt = new Date();
    const begin = performance.now();
    const headers = headersOf(request, Math.floor(startedAt.getTime() / 1000), formats);
    const outcome = await traced({ name: 'POST webhook', kind: 'client' }, () =>
      poster.post(endpoint.url, { ...headers, ...tracing()?.headers() }, request.body, signal),
    );
    const durationMs = Math.round(performance.now() - begin);
    noteSpeed(endpoint.id, durationMs);
    webhookAttempts.inc({ outcome: meaningOf(outcome) });
    await records.load({ ...job, startedAt, durationMs, outcome });
  };

  return [
    workers(deliverJob, concurrency, (job, run) => deliver(job, run, false)),
    workers(deliverSlowlyJob, slowConcurrency, (job, run) => deliver(job, run, true)),
  ];
}

const gatherMs = 25;

/** The outcome label in the metrics. */
const meaningOf = (outcome: PostOutcome): string => {
  if (outcome.kind !== 'answered') return outcome.kind.replace(' ', '_');
  return outcome.status >= 200 && outcome.status < 300 ? 'delivered' : 'refused';
};

function headersOf(
  { delivery, endpoint, secrets, body, name }: DeliveryRequest,
  timestamp: number,
  formats: WebhookFormats,
): Record<string, string> {
  const { id, attemptCount } = delivery;
  const attempt = { id, timestamp, body, endpointId: endpoint.id, type: name, attempt: attemptCount + 1 };
  return {
    'content-type': 'application/json',
    ...standardHeaders(attempt, secrets),
    ...formatNamed(formats, endpoint.format)?.headers(attempt, secrets),
  };
}

/** Cancels a delivery to an endpoint that is disabled or may no longer receive the event. A replay starts it again. */
async function cancel(db: Database, { workspaceId, deliveryId: id, attemptCount }: DeliveryJob): Promise<void> {
  await db.transaction((tx) =>
    tx.webhookDelivery.updateMany({
      where: { workspaceId, id, attemptCount, status: 'PENDING' },
      data: { status: 'CANCELLED', nextAttemptAt: null, finishedAt: new Date() },
    }),
  );
}

async function postpone(db: Database, job: DeliveryJob, pauseMs: number): Promise<void> {
  const at = new Date(Date.now() + pauseMs + Math.random() * afterPauseMs);
  const { workspaceId, deliveryId: id, attemptCount } = job;
  await db.transaction(async (tx) => {
    const where = { workspaceId, id, attemptCount, status: 'PENDING' as const };
    const { count } = await tx.webhookDelivery.updateMany({ where, data: { nextAttemptAt: at } });
    if (count > 0) await enqueueDeliveries(tx, [{ ...job, at }]);
  });
}
