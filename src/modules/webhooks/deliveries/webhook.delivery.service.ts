import type { Caller } from '../../../auth/caller.js';
import type { Database, Transaction } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { newId } from '../../../db/ids.js';
import { listReader } from '../../../db/lists/listing.js';
import { lockRow } from '../../../db/reading/rows.js';
import { insertRows } from '../../../db/writing/insert.js';
import { conflict } from '../../../errors.js';
import type { DomainEvent, WebhookDelivery, WebhookEndpoint } from '../../../generated/prisma/client.js';
import type { WebhookFormats } from '../../../lib/http/webhook-format.js';
import { parseInput } from '../../../lib/values/validation.js';
import { recordEvents } from '../../events/event.service.js';
import { matchEvents, requireToReadAll, wantsType } from '../endpoints/webhook.endpoint.events.js';
import {
  maxReplayedEvents,
  type ReplayInput,
  type ReplayRangeInput,
  replayInput,
  replayRangeInput,
  type SendTestInput,
  sendTestInput,
} from '../endpoints/webhook.endpoint.input.js';
import { lockEndpoint } from '../endpoints/webhook.endpoint.writes.js';
import { testEventType } from '../sending/webhook.request.js';
import { deliveryList } from '../webhook.fields.js';
import { enqueueDeliveries } from '../webhook.jobs.js';

export interface ReplayedDelivery {
  delivery: WebhookDelivery;
  result: 'UPDATED' | 'UNCHANGED';
}

export interface ReplayedRange {
  /** How many deliveries are sent now. */
  replayed: number;
  /** Whether there may be later events in the range, which were not examined. */
  hasMore: boolean;
  /** The seq of the last examined event; null if there was none. */
  lastSeq: bigint | null;
}

export function webhookDeliveryService(db: Database, formats: WebhookFormats) {
  return {
    /** The workspace's deliveries. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list: listReader(db, deliveryList),

    /** Sends a test event once, even to a disabled endpoint. @throws InvalidInput, NOT_FOUND */
    sendTest(caller: Caller, input: SendTestInput): Promise<WebhookDelivery> {
      const endpointId = readId('WebhookEndpoint', parseInput(sendTestInput, input).endpointId, ['endpointId']);
      const { workspaceId } = caller;
      return db.transaction(async (tx) => {
        await lockEndpoint(tx, caller, endpointId, 'endpointId');
        const id = newId('WebhookDelivery');
        const data = { workspaceId, id, endpointId, type: testEventType, nextAttemptAt: new Date() };
        const delivery = await tx.webhookDelivery.create({ data });
        await enqueueDeliveries(tx, [{ workspaceId, deliveryId: id, attemptCount: 0 }]);
        const event = { type: 'webhook_endpoint.tested' as const, entityId: endpointId, data: { deliveryId: id } };
        await recordEvents(tx, caller, [event]);
        return delivery;
      });
    },

    /**
     * Sends a delivery again at once, whatever its status, and retries it like a new one. A delivery that is already due is
     * not changed. @throws InvalidInput, NOT_FOUND, CONFLICT when its endpoint is disabled or no longer receives events of
     * this type, FORBIDDEN when the caller lacks a scope to read the events of the endpoint.
     */
    replay(caller: Caller, input: ReplayInput): Promise<ReplayedDelivery> {
      const id = readId('WebhookDelivery', parseInput(replayInput, input).id, ['id']);
      return db.transaction(async (tx) => {
        const delivery = await lockRow(
          tx,
          'WebhookDelivery',
          { workspaceId: caller.workspaceId, id },
          { strength: 'NO KEY UPDATE' },
        );
        const endpoint = await lockEndpoint(tx, caller, delivery.endpointId);
        requireToReadAll(caller, endpoint, formats);
        requireEnabled(endpoint, ['id']);
        requireWanted(endpoint, delivery, formats);
        const { status, nextAttemptAt } = delivery;
        if (status === 'PENDING' && nextAttemptAt && nextAttemptAt <= new Date())
          return { delivery, result: 'UNCHANGED' };
        const [replayed] = await sendAgain(tx, [delivery]);
        const data = { deliveryId: id };
        await recordEvents(tx, caller, [{ type: 'webhook_endpoint.replayed', entityId: delivery.endpointId, data }]);
        return { delivery: replayed ?? delivery, result: 'UPDATED' };
      });
    },

    /**
     * Sends all events of a time range that did not reach the endpoint, also those from when it was disabled or configured
     * differently. Examines up to `maxReplayedEvents`. @throws InvalidInput, NOT_FOUND, CONFLICT when the endpoint is
     * disabled, FORBIDDEN when the caller lacks a scope to read its events.
     */
    replayRange(caller: Caller, input: ReplayRangeInput): Promise<ReplayedRange> {
      const { endpointId: given, from, to, includeSucceeded, afterSeq } = parseInput(replayRangeInput, input);
      const endpointId = readId('WebhookEndpoint', given, ['endpointId']);
      const { workspaceId } = caller;
      return db.transaction(async (tx) => {
        const endpoint = await lockEndpoint(tx, caller, endpointId, 'endpointId');
        requireToReadAll(caller, endpoint, formats);
        requireEnabled(endpoint, ['endpointId']);
        const cursor = await tx.webhookCursor.findUnique({ where: { workspaceId } });
        // The dispatcher delivers the later events.
        const dispatched = [cursor?.seq ?? 0n, endpoint.afterSeq].reduce((a, b) => (a > b ? a : b));
        const events = await tx.domainEvent.findMany({
          where: {
            workspaceId,
            occurredAt: { gte: from, ...(to && { lt: to }) },
            seq: { gt: afterSeq, lte: dispatched },
          },
          orderBy: { seq: 'asc' },
          take: maxReplayedEvents,
        });
        const wanted = await matchEvents(tx, workspaceId, [{ ...endpoint, afterSeq: 0n }], events, formats);
        const replayed = await sendEvents(
          tx,
          endpoint,
          wanted.map(({ event }) => event),
          includeSucceeded ?? false,
        );
        if (replayed > 0) {
          const data = { from: from.toISOString(), to: to?.toISOString() ?? null, replayed };
          await recordEvents(tx, caller, [{ type: 'webhook_endpoint.replayed', entityId: endpointId, data }]);
        }
        return { replayed, hasMore: events.length === maxReplayedEvents, lastSeq: events.at(-1)?.seq ?? null };
      });
    },
  };
}

/**
 * Sends events that have no delivery. Sends again deliveries that failed, or with `includeSucceeded` all finished ones.
 * Returns how many are sent.
 */
async function sendEvents(
  tx: Transaction,
  { workspaceId, id: endpointId }: WebhookEndpoint,
  events: readonly DomainEvent[],
  includeSucceeded: boolean,
): Promise<number> {
  const known = await tx.webhookDelivery.findMany({
    where: { workspaceId, endpointId, eventId: { in: events.map(({ id }) => id) } },
  });
  const ended = known.filter(({ status }) => status !== 'PENDING' && (includeSucceeded || status !== 'SUCCEEDED'));
  const knownIds = new Set(known.map(({ eventId }) => eventId));
  const createdAt = new Date();
  const added = events
    .filter(({ id }) => !knownIds.has(id))
    .map(({ id: eventId, type }) => ({
      ...{ workspaceId, id: newId('WebhookDelivery'), endpointId, eventId, type, createdAt },
      ...{ status: 'PENDING' as const, attemptCount: 0, failures: 0, nextAttemptAt: createdAt },
    }));
  await insertRows(tx, 'WebhookDelivery', added);
  await enqueueDeliveries(
    tx,
    added.map(({ id }) => ({ workspaceId, deliveryId: id, attemptCount: 0 })),
  );
  await sendAgain(tx, ended);
  return added.length + ended.length;
}

/** Restarts the attempts of deliveries at once. */
async function sendAgain(tx: Transaction, deliveries: readonly WebhookDelivery[]): Promise<WebhookDelivery[]> {
  const [first] = deliveries;
  if (!first) return [];
  const { workspaceId } = first;
  const replayed = await tx.webhookDelivery.updateManyAndReturn({
    where: { workspaceId, id: { in: deliveries.map(({ id }) => id) } },
    data: { status: 'PENDING', failures: 0, nextAttemptAt: new Date(), finishedAt: null },
  });
  await enqueueDeliveries(
    tx,
    replayed.map(({ id, attemptCount }) => ({ workspaceId, deliveryId: id, attemptCount })),
  );
  return replayed;
}

function requireEnabled({ id, disabledAt }: WebhookEndpoint, path: readonly string[]): void {
  if (disabledAt) throw conflict(path, 'The webhook endpoint is disabled; enable it first.', id);
}

/** @throws CONFLICT for an event that the endpoint no longer receives. Tests are always received. */
function requireWanted(endpoint: WebhookEndpoint, { eventId, type }: WebhookDelivery, formats: WebhookFormats): void {
  if (eventId === null || wantsType(endpoint, type, formats)) return;
  throw conflict(['id'], `The webhook endpoint is not told of ${type} any more.`, endpoint.id);
}
