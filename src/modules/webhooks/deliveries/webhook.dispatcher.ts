import { type Database, sql, type Transaction } from '../../../db/database.js';
import { newId } from '../../../db/ids.js';
import { insertRows } from '../../../db/writing/insert.js';
import type { WebhookFormats } from '../../../lib/http/webhook-format.js';
import type { Watermark } from '../../events/outbox.watermark.js';
import { matchEvents } from '../endpoints/webhook.endpoint.events.js';
import { enqueueDeliveries } from '../webhook.jobs.js';

/** Turns the events of the outbox into deliveries. */
export interface Dispatcher {
  /** Stops, and resolves when the events that were read are in the queue. */
  stop(): Promise<void>;
}

export interface DispatcherOptions {
  formats: WebhookFormats;
  /** The polling interval, for events that other processes committed. */
  pollMs?: number;
  onError(error: unknown): void;
}

const pageSize = 200;
/** The polling interval while open transactions may still commit earlier events. */
const behindMs = 20;

/**
 * Follows the outbox of each workspace that has enabled endpoints, from a stored cursor. Several processes may do so: only
 * one at a time handles a workspace. Writers do not wait for it, and workspaces without endpoints cost nothing.
 */
export function startDispatcher(db: Database, watermark: Watermark, options: DispatcherOptions): Dispatcher {
  const { pollMs = 1_000, formats, onError } = options;
  /** The workspaces that had enabled endpoints at the last look. */
  let followed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;

  /** Dispatches a page for each workspace that has new events. True if there may be more. */
  const dispatchNext = async (): Promise<boolean> => {
    const cursors = await readCursors(db);
    followed = new Set(cursors.map(({ workspaceId }) => workspaceId));
    if (cursors.length === 0) return false;
    const upTo = await watermark.advance();
    let more = false;
    for (const workspaceId of await findBehind(db, cursors, upTo)) {
      if (stopped) return false;
      const isWhole = await db.transaction((tx) => dispatchPage(tx, workspaceId, upTo, formats));
      more ||= !isWhole;
    }
    return more;
  };

  const run = async (): Promise<void> => {
    clearTimeout(timer);
    try {
      while (again && !stopped) {
        again = false;
        again = (await dispatchNext()) || again;
      }
    } catch (error) {
      onError(error);
    }
    running = undefined;
    if (!stopped) timer = setTimeout(wake, watermark.isBehind() ? behindMs : pollMs);
  };

  const wake = (): void => {
    again = true;
    if (!stopped) running ??= run();
  };

  db.onChange((workspaceId) => {
    if (followed.has(workspaceId)) wake();
  });
  wake();

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

interface Cursor {
  workspaceId: string;
  seq: bigint;
}

/** The cursors of the workspaces that have an enabled endpoint. */
const readCursors = (db: Database): Promise<Cursor[]> =>
  db.prisma.webhookCursor.findMany({ where: { workspace: { webhookEndpoints: { some: { disabledAt: null } } } } });

async function findBehind(db: Database, cursors: readonly Cursor[], upTo: bigint): Promise<string[]> {
  const workspaceIds = cursors.map(({ workspaceId }) => workspaceId);
  const seqs = cursors.map(({ seq }) => String(seq));
  const rows = await db.read(sql`SELECT c."workspaceId"
    FROM unnest(${workspaceIds}::text[], ${seqs}::bigint[]) AS c("workspaceId", "seq") WHERE EXISTS (
      SELECT FROM "DomainEvent" AS e
      WHERE e."workspaceId" = c."workspaceId" AND e."seq" > c."seq" AND e."seq" <= ${upTo})`);
  return (rows as [string][]).map(([workspaceId]) => workspaceId);
}

/**
 * Inserts the deliveries of the next events and moves the cursor, in one transaction. True if no events are left, or if
 * another process handles the workspace.
 */
async function dispatchPage(
  tx: Transaction,
  workspaceId: string,
  upTo: bigint,
  formats: WebhookFormats,
): Promise<boolean> {
  const [cursor] = await tx.$queryRaw<{ seq: bigint }[]>(sql`
    SELECT "seq" FROM "WebhookCursor" WHERE "workspaceId" = ${workspaceId} FOR UPDATE SKIP LOCKED`);
  if (!cursor || cursor.seq >= upTo) return true;
  const events = await tx.domainEvent.findMany({
    where: { workspaceId, seq: { gt: cursor.seq, lte: upTo } },
    orderBy: { seq: 'asc' },
    take: pageSize,
  });
  const endpoints = await tx.webhookEndpoint.findMany({ where: { workspaceId, disabledAt: null } });
  const matched = await matchEvents(tx, workspaceId, endpoints, events, formats);
  const createdAt = new Date();
  const deliveries = matched.map(({ endpoint, event }) => ({
    workspaceId,
    id: newId('WebhookDelivery'),
    endpointId: endpoint.id,
    eventId: event.id,
    type: event.type,
    status: 'PENDING' as const,
    attemptCount: 0,
    failures: 0,
    nextAttemptAt: createdAt,
    createdAt,
  }));
  await insertRows(tx, 'WebhookDelivery', deliveries);
  await enqueueDeliveries(
    tx,
    deliveries.map(({ id }) => ({ workspaceId, deliveryId: id, attemptCount: 0 })),
  );
  await removeOld(tx, workspaceId);
  const isWhole = events.length < pageSize;
  const seq = isWhole ? upTo : (events.at(-1)?.seq ?? upTo);
  await tx.webhookCursor.update({ where: { workspaceId }, data: { seq } });
  return isWhole;
}

/** How long finished deliveries are kept, and how many are removed with each page of new ones. */
const keptDays = 30;
const removedAtOnce = 1_000;

async function removeOld(tx: Transaction, workspaceId: string): Promise<void> {
  await tx.$executeRaw(sql`DELETE FROM "WebhookDelivery" WHERE "workspaceId" = ${workspaceId} AND "id" IN (
    SELECT "id" FROM "WebhookDelivery"
    WHERE "workspaceId" = ${workspaceId} AND "createdAt" < now() - ${keptDays} * interval '24 hours' AND "status" <> 'PENDING'
    ORDER BY "createdAt", "id" LIMIT ${removedAtOnce} FOR UPDATE SKIP LOCKED)`);
}
