import { type Database, sql, type Transaction } from '../../db/database.js';
import { enqueue, jobKind } from '../../db/queue/jobs.js';
import { type Workers, workers } from '../../db/queue/queue.js';
import { badInput } from '../../errors.js';

/**
 * Removes events that are older than the retention time of their workspace, once a day. They are removed in the order
 * of `seq`, in batches. An event that a webhook endpoint has still to receive is never removed.
 */

interface RemovalJob {
  workspaceId: string;
}

const removalJob = jobKind<RemovalJob>('remove-events');

const dayMs = 86_400_000;
const removedAtOnce = 1_000;

/** Removes expired events now, and every day from then on. */
export const enqueueRemoval = (tx: Transaction, workspaceId: string, runAt = new Date()): Promise<void> =>
  enqueue(tx, removalJob, [{ payload: { workspaceId }, runAt, key: `remove-events:${workspaceId}` }]);

export const eventRemovalWorkers = (db: Database): Workers =>
  workers(removalJob, 1, async ({ workspaceId }, { signal }) => {
    const where = { id: workspaceId };
    const { eventRetentionDays: days } = await db.prisma.workspace.findUniqueOrThrow({ where });
    if (days === null) return;
    const before = new Date(Date.now() - days * dayMs);
    while ((await db.transaction((tx) => removeSome(tx, workspaceId, before))) === removedAtOnce)
      signal.throwIfAborted();
    await db.transaction((tx) => enqueueRemoval(tx, workspaceId, new Date(Date.now() + dayMs)));
  });

/** Removes the oldest events, up to the first one that must be kept. Returns how many. */
async function removeSome(tx: Transaction, workspaceId: string, before: Date): Promise<number> {
  const [done] = await tx.$queryRaw<{ removed: number }[]>(sql`WITH oldest AS (
      SELECT e."id", e."seq", e."occurredAt" >= ${before}::timestamptz OR EXISTS (
        SELECT FROM "WebhookDelivery" AS d
        WHERE d."workspaceId" = e."workspaceId" AND d."eventId" = e."id" AND d."status" = 'PENDING'
      ) OR e."seq" > (
        SELECT c."seq" FROM "WebhookCursor" AS c WHERE c."workspaceId" = e."workspaceId" AND EXISTS (
          SELECT FROM "WebhookEndpoint" AS p WHERE p."workspaceId" = e."workspaceId" AND p."disabledAt" IS NULL)
      ) IS TRUE AS "isKept"
      FROM "DomainEvent" AS e WHERE e."workspaceId" = ${workspaceId} ORDER BY e."seq" LIMIT ${removedAtOnce}
    ), removed AS (
      DELETE FROM "DomainEvent" AS e USING oldest AS o
      WHERE e."workspaceId" = ${workspaceId} AND e."id" = o."id"
        AND o."seq" < COALESCE((SELECT min(k."seq") FROM oldest AS k WHERE k."isKept"), 9223372036854775807)
      RETURNING e."seq"
    ), told AS (
      UPDATE "Workspace" SET "eventsRemovedUpTo" = (SELECT max("seq") FROM removed)
      WHERE "id" = ${workspaceId} AND EXISTS (SELECT FROM removed)
    )
    SELECT count(*)::int AS "removed" FROM removed`);
  return done?.removed ?? 0;
}

/**
 * @throws BAD_USER_INPUT when events after this seq were removed. A reader from there would miss them without notice.
 */
export async function requireKept(db: Database, workspaceId: string, after: bigint): Promise<void> {
  const select = { eventsRemovedUpTo: true };
  const { eventsRemovedUpTo } = await db.prisma.workspace.findUniqueOrThrow({ where: { id: workspaceId }, select });
  if (after >= eventsRemovedUpTo) return;
  const message = `Events up to ${eventsRemovedUpTo} are no longer kept. Read the lists again, and follow without after.`;
  throw badInput(['after'], message);
}
