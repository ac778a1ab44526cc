import { operatorOf } from '../../../auth/caller.js';
import { type Database, sql, type Transaction } from '../../../db/database.js';
import { newId } from '../../../db/ids.js';
import { webhookDeliveries, webhookEndpoints } from '../../../db/reading/tables.js';
import { insertRows } from '../../../db/writing/insert.js';
import type { WebhookDelivery, WebhookDisabledReason, WebhookEndpoint } from '../../../generated/prisma/client.js';
import type { PostOutcome } from '../../../lib/http/post.js';
import { recordEvents } from '../../events/event.service.js';
import { enqueueDeliveries } from '../webhook.jobs.js';
import { delayAfter, isFailing, pauseLeftMs, type Verdict, verdictOf } from './webhook.schedule.js';

/** A finished attempt. */
export interface Attempt {
  workspaceId: string;
  deliveryId: string;
  /** The number of attempts before it. */
  attemptCount: number;
  startedAt: Date;
  durationMs: number;
  outcome: PostOutcome;
}

/** An attempt to record, with its delivery and its verdict. */
interface Judged {
  attempt: Attempt;
  delivery: WebhookDelivery;
  verdict: Verdict;
}

/**
 * Records finished attempts and plans the next attempts of failed deliveries. Uses one transaction and a few
 * statements, however many attempts there are. An attempt that another process has already recorded is ignored.
 */
export const recordAttempts = (db: Database, attempts: readonly Attempt[], delays: readonly number[]): Promise<void> =>
  db.transaction(async (tx) => {
    const deliveries = await lockDeliveries(tx, attempts);
    const judged = attempts.flatMap((attempt): Judged[] => {
      const delivery = deliveries.get(attempt.deliveryId);
      if (delivery?.workspaceId !== attempt.workspaceId) return [];
      if (delivery.status !== 'PENDING' || delivery.attemptCount !== attempt.attemptCount) return [];
      return [{ attempt, delivery, verdict: verdictOf(attempt.outcome) }];
    });
    await insertRows(tx, 'WebhookAttempt', judged.map(attemptRow));
    const changed = judged.map((one) => afterAttempt(one, delays));
    await updateDeliveries(tx, changed);
    await enqueueDeliveries(
      tx,
      changed
        .filter(({ status }) => status === 'PENDING')
        .map(({ workspaceId, id, attemptCount, nextAttemptAt: at }) => ({
          workspaceId,
          deliveryId: id,
          attemptCount,
          at,
        })),
    );
    await recordHealth(tx, judged);
  });

async function lockDeliveries(tx: Transaction, attempts: readonly Attempt[]): Promise<Map<string, WebhookDelivery>> {
  const workspaceIds = attempts.map(({ workspaceId }) => workspaceId);
  const ids = attempts.map(({ deliveryId }) => deliveryId);
  const rows = await tx.$queryRaw<WebhookDelivery[]>(sql`SELECT ${webhookDeliveries.project().select('r')}
    FROM "WebhookDelivery" AS r
    WHERE (r."workspaceId", r."id") IN (SELECT * FROM unnest(${workspaceIds}::text[], ${ids}::text[]))
    ORDER BY r."workspaceId", r."id" FOR NO KEY UPDATE`);
  return new Map(rows.map((row) => [row.id, row]));
}

function attemptRow({ attempt, delivery, verdict }: Judged) {
  const { workspaceId, deliveryId, startedAt, durationMs, outcome } = attempt;
  return {
    workspaceId,
    id: newId('WebhookAttempt'),
    deliveryId,
    result: verdict.result,
    responseStatus: outcome.kind === 'answered' ? outcome.status : null,
    // The response may repeat personal data from the delivery.
    responseExcerpt: outcome.kind === 'answered' ? (delivery.erased ? '' : outcome.excerpt) : null,
    error: 'reason' in outcome ? outcome.reason : null,
    startedAt,
    durationMs,
  };
}

/** The delivery as it is after the attempt. */
function afterAttempt({ delivery, verdict, attempt }: Judged, delays: readonly number[]): WebhookDelivery {
  const attemptCount = delivery.attemptCount + 1;
  const finishedAt = new Date(attempt.startedAt.getTime() + attempt.durationMs);
  const ended = { ...delivery, attemptCount, nextAttemptAt: null, finishedAt };
  if (verdict.result === 'SUCCEEDED') return { ...ended, status: 'SUCCEEDED' };
  const failures = delivery.failures + 1;
  // A test is tried only once, because its sender looks at the result.
  const delay = delivery.eventId === null || verdict.isGone ? undefined : delayAfter(failures, delays);
  if (delay === undefined) return { ...ended, failures, status: 'FAILED' };
  const nextAttemptAt = new Date(finishedAt.getTime() + Math.max(delay, verdict.deliveryPauseMs));
  return { ...delivery, attemptCount, failures, nextAttemptAt };
}

async function updateDeliveries(tx: Transaction, rows: readonly WebhookDelivery[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.$executeRaw(sql`UPDATE "WebhookDelivery" AS r
    SET "status" = n."status", "attemptCount" = n."attemptCount", "failures" = n."failures",
      "nextAttemptAt" = n."nextAttemptAt", "finishedAt" = n."finishedAt"
    FROM json_populate_recordset(NULL::"WebhookDelivery", ${JSON.stringify(rows)}::json) AS n
    WHERE r."workspaceId" = n."workspaceId" AND r."id" = n."id"`);
}

/** Updates the health of the endpoints. Disables those that are gone or have failed for too long. */
async function recordHealth(tx: Transaction, judged: readonly Judged[]): Promise<void> {
  const real = judged.filter(({ delivery }) => delivery.eventId !== null);
  for (const endpoint of await lockConcerned(tx, real)) {
    const { workspaceId, id } = endpoint;
    const own = real.filter(({ delivery }) => delivery.workspaceId === workspaceId && delivery.endpointId === id);
    const health = healthAfter(endpoint, own);
    const { disabledReason } = health;
    const change = disabledReason && { version: { increment: 1 }, updatedAt: health.disabledAt ?? null };
    await tx.webhookEndpoint.update({ where: { workspaceId_id: { workspaceId, id } }, data: { ...health, ...change } });
    if (!disabledReason) continue;
    const data = { after: { disabledReason } };
    await recordEvents(tx, operatorOf(workspaceId), [{ type: 'webhook_endpoint.disabled', entityId: id, data }]);
  }
}

/** Locks the endpoints that failed, and those that recovered. Healthy endpoints are not locked. */
function lockConcerned(tx: Transaction, judged: readonly Judged[]): Promise<WebhookEndpoint[]> {
  const keysOf = (some: readonly Judged[]) => {
    const workspaceIds = some.map(({ delivery }) => delivery.workspaceId);
    const ids = some.map(({ delivery }) => delivery.endpointId);
    return sql`(SELECT * FROM unnest(${workspaceIds}::text[], ${ids}::text[]))`;
  };
  const failed = judged.filter(({ verdict }) => verdict.result !== 'SUCCEEDED');
  return tx.$queryRaw<WebhookEndpoint[]>(sql`SELECT ${webhookEndpoints.project().select('r')}
    FROM "WebhookEndpoint" AS r
    WHERE (r."workspaceId", r."id") IN ${keysOf(failed)}
      OR (r."failingSince" IS NOT NULL AND (r."workspaceId", r."id") IN ${keysOf(judged)})
    ORDER BY r."workspaceId", r."id" FOR NO KEY UPDATE`);
}

interface Health {
  lastFailureAt: Date | null;
  lastFailure: string | null;
  failingSince: Date | null;
  failureCount: number;
  pausedUntil: Date | null;
  disabledAt?: Date;
  disabledReason?: WebhookDisabledReason;
}

/** A short description of the failure, without the response of the endpoint. */
function failureOf({ attempt: { outcome }, verdict }: Judged): string {
  if (outcome.kind === 'answered') return `HTTP ${outcome.status}`;
  return 'reason' in outcome ? outcome.reason : verdict.result;
}

/** The health of the endpoint after these attempts, applied in the order in which they ended. */
function healthAfter(endpoint: WebhookEndpoint, judged: readonly Judged[]): Health {
  const { failingSince, failureCount, pausedUntil, lastFailureAt, lastFailure } = endpoint;
  const health: Health = { failingSince, failureCount, pausedUntil, lastFailureAt, lastFailure };
  const endOf = ({ attempt }: Judged): number => attempt.startedAt.getTime() + attempt.durationMs;
  for (const one of judged.toSorted((a, b) => endOf(a) - endOf(b))) {
    const { result, isGone, endpointPauseMs } = one.verdict;
    if (result === 'SUCCEEDED') {
      Object.assign(health, { failingSince: null, failureCount: 0 });
      continue;
    }
    const endedAt = new Date(endOf(one));
    health.failingSince ??= endedAt;
    health.failureCount += 1;
    health.lastFailureAt = endedAt;
    health.lastFailure = failureOf(one);
    const pauseEnd = endOf(one) + endpointPauseMs;
    if (endpointPauseMs > pauseLeftMs(health, endOf(one))) health.pausedUntil = new Date(pauseEnd);
    const reason = isGone ? 'GONE' : isFailing(health.failingSince, health.failureCount, endOf(one)) ? 'FAILING' : null;
    if (reason && !endpoint.disabledAt) Object.assign(health, { disabledAt: endedAt, disabledReason: reason });
  }
  return health;
}
