import type { Caller } from '../../../auth/caller.js';
import type { Database, Transaction } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { newId } from '../../../db/ids.js';
import { type Connection, listingOf, readConnection } from '../../../db/lists/listing.js';
import { lockRow } from '../../../db/reading/rows.js';
import { insertRows } from '../../../db/writing/insert.js';
import { conflict } from '../../../errors.js';
import type { DomainEvent, WebhookDelivery, WebhookEndpoint } from '../../../generated/prisma/client.js';
import type { WebhookFormats } from '../../../lib/http/webhook-format.js';
import { parseInput } from '../../../lib/values/validation.js';
import { recordEvents } from '../../events/event.service.js';
import { matchEvents, requireToReadAll, wantsType } from '../endpoints/webhook.endpoint.events.js';
import { type ReplayRangeInput, replayRangeInput } from '../endpoints/webhook.endpoint.input.js';
import { lockEndpoint } from '../endpoints/webhook.endpoint.service.js';
import { testEventType } from '../sending/webhook.request.js';
import { type DeliveryListArguments, deliveryList } from '../webhook.fields.js';
import { enqueueDeliveries } from '../webhook.jobs.js';

export interface ReplayedDelivery {
  delivery: WebhookDelivery;
  result: 'UPDATED' | 'UNCHANGED';
}

export interface ReplayedRange {
  /** How many deliveries will be sent. */
  replayed: number;
  /** Whether there are later events in the range, which were not looked at. */
  hasMore: boolean;
  /** The place of the last event that was looked at; null when there was none. */
  lastSeq: bigint | null;
}

export type WebhookDeliveryService = ReturnType<typeof webhookDeliveryService>;

/** How many events one call of a replay looks at. */
const rangeSize = 1_000;

export function webhookDeliveryService(db: Database, formats: WebhookFormats) {
  return {
    /** The workspace's deliveries. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list({ workspaceId }: Caller, args: DeliveryListArguments): Promise<Connection<WebhookDelivery>> {
      return readConnection(db, listingOf(deliveryList, workspaceId, args));
    },

    /** Has a test sent, once, also to an endpoint that is disabled. @throws InvalidInput, NOT_FOUND */
    sendTest(caller: Caller, { endpointId: given }: { endpointId: string }): Promise<WebhookDelivery> {
      const endpointId = readId('WebhookEndpoint', given, ['endpointId']);
      const { workspaceId } = caller;
      return db.transaction(async (tx) => {
        await lockEndpoint(tx, caller, endpointId, 'endpointId');
        const id = newId('WebhookDelivery');
        const data = { workspaceId, id, endpointId, type: testEventType, nextAttemptAt: new Date() };
        const delivery = await tx.webhookDelivery.create({ data });
        await enqueueDeliveries(tx, [{ workspaceId, deliveryId: id, attemptCount: 0 }]);
        const told = { type: 'webhook_endpoint.tested' as const, entityId: endpointId, data: { deliveryId: id } };
        await recordEvents(tx, caller, [told]);
        return delivery;
      });
    },

    /**
     * Has a delivery sent again at once, whatever became of it, and as often as a new one if that fails. One that is due
     * already is left as it is. @throws InvalidInput, NOT_FOUND, CONFLICT when its endpoint is disabled or does not want such
     * events any more, FORBIDDEN when the caller may not read what the endpoint is told.
     */
    replay(caller: Caller, { id: given }: { id: string }): Promise<ReplayedDelivery> {
      const id = readId('WebhookDelivery', given, ['id']);
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
     * Has everything of a time sent again that did not arrive, also what happened while the endpoint was disabled, or other
     * than it is now. Looks at up to 1,000 events. @throws InvalidInput, NOT_FOUND, CONFLICT when the endpoint is disabled,
     * FORBIDDEN when the caller may not read what it is told.
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
        // What comes after both is dispatched in a moment.
        const dispatched = [cursor?.seq ?? 0n, endpoint.afterSeq].reduce((a, b) => (a > b ? a : b));
        const events = await tx.domainEvent.findMany({
          where: {
            workspaceId,
            occurredAt: { gte: from, ...(to && { lt: to }) },
            seq: { gt: afterSeq, lte: dispatched },
          },
          orderBy: { seq: 'asc' },
          take: rangeSize,
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
        return { replayed, hasMore: events.length === rangeSize, lastSeq: events.at(-1)?.seq ?? null };
      });
    },
  };
}

/** Sends events that were not sent, and again those that did not arrive, or all. Answers how many. */
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

/** Begins the attempts of deliveries anew, at once. */
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

/** A test is wanted always. */
function requireWanted(endpoint: WebhookEndpoint, { eventId, type }: WebhookDelivery, formats: WebhookFormats): void {
  if (eventId === null || wantsType(endpoint, type, formats)) return;
  throw conflict(['id'], `The webhook endpoint is not told of ${type} any more.`, endpoint.id);
}
