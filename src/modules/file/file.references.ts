import { sql, type Transaction } from '../../db/database.js';
import { enqueue, jobKind } from '../../db/queue/jobs.js';

/** Adds and removes references from rows to stored files. */

/** The job that removes expired contents of a workspace. */
export interface SweepJob {
  workspaceId: string;
}

export const sweepJob = jobKind<SweepJob>('sweep-files');

/** A file was removed after it was stored and before a row referred to it. It must be stored again. */
export class FileGone extends Error {
  override readonly name = 'FileGone';

  constructor() {
    super('A stored file was removed before anything referred to it.');
  }
}

/** Protects the files that rows written later in this transaction refer to. @throws FileGone */
export async function referToFiles(tx: Transaction, workspaceId: string, digests: readonly string[]): Promise<void> {
  const wanted = [...new Set(digests)].sort();
  if (wanted.length === 0) return;
  const kept = await tx.$queryRaw<{ isExpiring: boolean }[]>(sql`
    SELECT f."expiresAt" IS NOT NULL AS "isExpiring" FROM "StoredFile" AS f
    WHERE f."workspaceId" = ${workspaceId} AND f."digest" = ANY(${wanted}::text[]) ORDER BY f."digest" FOR NO KEY UPDATE`);
  if (kept.length < wanted.length) throw new FileGone();
  if (!kept.some(({ isExpiring }) => isExpiring)) return;
  await tx.$executeRaw(sql`UPDATE "StoredFile" SET "expiresAt" = NULL
    WHERE "workspaceId" = ${workspaceId} AND "digest" = ANY(${wanted}::text[]) AND "expiresAt" IS NOT NULL`);
}

/** Protects the stored ones of the files, for rows written later in this transaction. Returns which these are. */
export async function referToStored(
  tx: Transaction,
  workspaceId: string,
  digests: readonly string[],
): Promise<ReadonlySet<string>> {
  if (digests.length === 0) return new Set();
  const rows = await tx.$queryRaw<{ digest: string }[]>(sql`SELECT f."digest" FROM "StoredFile" AS f
    WHERE f."workspaceId" = ${workspaceId} AND f."digest" = ANY(${digests}::text[]) ORDER BY f."digest" FOR NO KEY UPDATE`);
  const stored = rows.map(({ digest }) => digest);
  await referToFiles(tx, workspaceId, stored);
  return new Set(stored);
}

/**
 * Schedules the removal of files that no row refers to any more, once the transaction is committed. Must be called
 * after the rows were changed. Returns how many these are.
 */
export async function releaseFiles(
  tx: Transaction,
  workspaceId: string,
  digests: readonly (string | null)[],
): Promise<number> {
  const released = [...new Set(digests.filter((digest) => digest !== null))].sort();
  if (released.length === 0) return 0;
  const orphans = await tx.$executeRaw(sql`UPDATE "StoredFile" SET "expiresAt" = now()
    WHERE ("workspaceId", "digest") IN (SELECT f."workspaceId", f."digest" FROM "StoredFile" AS f
      WHERE f."workspaceId" = ${workspaceId} AND f."digest" = ANY(${released}::text[]) AND NOT ${isReferredTo}
      ORDER BY f."digest" FOR UPDATE)`);
  if (orphans > 0) await enqueueSweep(tx, workspaceId, new Date());
  return orphans;
}

/** Whether anything refers to the file `f`. */
export const isReferredTo = sql`(EXISTS (SELECT FROM "MessageAttachment" AS a
    WHERE a."workspaceId" = f."workspaceId" AND a."digest" = f."digest")
  OR EXISTS (SELECT FROM "Message" AS m WHERE m."workspaceId" = f."workspaceId" AND m."rawDigest" = f."digest")
  OR EXISTS (SELECT FROM "Upload" AS u WHERE u."workspaceId" = f."workspaceId" AND u."digest" = f."digest")
  OR EXISTS (SELECT FROM "RejectedMail" AS r WHERE r."workspaceId" = f."workspaceId" AND r."digest" = f."digest"))`;

const hourMs = 3_600_000;

/** Queues one job for all contents that expire within the same hour. */
export async function enqueueSweep(tx: Transaction, workspaceId: string, at: Date): Promise<void> {
  const hour = Math.floor(at.getTime() / hourMs);
  const key = `sweep-files:${workspaceId}:${hour}`;
  await enqueue(tx, sweepJob, [{ payload: { workspaceId }, runAt: at, key }]);
}
