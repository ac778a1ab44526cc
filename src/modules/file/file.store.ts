import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type Database, sql } from '../../db/database.js';
import { type Workers, workers } from '../../db/queue/queue.js';
import { AppError } from '../../errors.js';
import type { Storage } from '../../lib/storage/storage.js';
import { enqueueSweep, FileGone, isReferredTo, sweepJob } from './file.references.js';

/** A stored file without a reference is removed after this time. */
export const unusedMs = 86_400_000;
const sweptAtOnce = 100;
const sweepTimeoutMs = 300_000;
const maxAttempts = 3;
const retryLater = { retryable: true, retryAfter: 10 };

/** Stores the contents to which rows refer by their digest. Equal contents of a workspace are stored once. */
export interface FileStore {
  /**
   * Stores contents for `work`, which must refer to them by their digests: see `referToFiles`. Runs `work` again if
   * they were removed in between.
   * @throws UNAVAILABLE if they cannot be stored.
   */
  keep<Result>(
    workspaceId: string,
    contents: readonly Uint8Array[],
    work: (digests: readonly string[]) => Promise<Result>,
  ): Promise<Result>;
  /** The content; null if there is none. */
  open(workspaceId: string, digest: string): Promise<Readable | null>;
  read(workspaceId: string, digest: string): Promise<Buffer | null>;
  /** Removes the workspace's contents that nothing refers to and that have expired. */
  sweep(workspaceId: string): Promise<void>;
}

export function fileStore(db: Database, storage: Storage): FileStore {
  const open: FileStore['open'] = (workspaceId, digest) => storage.open(keyOf(workspaceId, digest));

  const put = async (workspaceId: string, contents: readonly Uint8Array[]): Promise<string[]> => {
    const files = contents.map((content) => ({ digest: digestOf(content), content }));
    const distinct = new Map(files.map((file) => [file.digest, file.content]));
    const digests = [...distinct.keys()].sort();
    const sizes = digests.map((digest) => distinct.get(digest)?.byteLength ?? 0);
    // The row is written first, so that no stored content is without a row.
    await db.transaction(async (tx) => {
      const expiresAt = new Date(Date.now() + unusedMs);
      await tx.$executeRaw(sql`INSERT INTO "StoredFile" AS f ("workspaceId", "digest", "sizeBytes", "expiresAt")
        SELECT ${workspaceId}, n."digest", n."sizeBytes", ${expiresAt}::timestamptz
        FROM unnest(${digests}::text[], ${sizes}::int[]) AS n("digest", "sizeBytes") ORDER BY n."digest"
        ON CONFLICT ("workspaceId", "digest") DO UPDATE SET "expiresAt" = EXCLUDED."expiresAt"
          WHERE f."expiresAt" < EXCLUDED."expiresAt"`);
      await enqueueSweep(tx, workspaceId, expiresAt);
    });
    try {
      for (const [digest, content] of distinct) await storage.put(keyOf(workspaceId, digest), content);
    } catch (error) {
      throw new AppError('UNAVAILABLE', 'Files cannot be stored at the moment.', retryLater, { cause: error });
    }
    return files.map(({ digest }) => digest);
  };

  return {
    async keep(workspaceId, contents, work) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await work(contents.length > 0 ? await put(workspaceId, contents) : []);
        } catch (error) {
          if (!(error instanceof FileGone) || attempt === maxAttempts) throw error;
        }
      }
    },
    open,
    async read(workspaceId, digest) {
      const content = await open(workspaceId, digest);
      return content && buffer(content);
    },
    async sweep(workspaceId) {
      let swept = sweptAtOnce;
      while (swept === sweptAtOnce) swept = await sweepSome(db, storage, workspaceId);
    },
  };
}

/**
 * A content is removed while its row is locked. A transaction that wants to refer to it waits, and then stores it
 * again.
 */
const sweepSome = (db: Database, storage: Storage, workspaceId: string): Promise<number> =>
  db.transaction(
    async (tx) => {
      const locked = await tx.$queryRaw<{ digest: string }[]>(sql`SELECT f."digest" FROM "StoredFile" AS f
        WHERE f."workspaceId" = ${workspaceId} AND f."expiresAt" <= now()
        ORDER BY f."digest" LIMIT ${sweptAtOnce} FOR UPDATE`);
      // A separate statement, so that it sees what the previous holders of the locks have written.
      const due = await tx.$queryRaw<{ digest: string; isKept: boolean }[]>(sql`
        SELECT f."digest", ${isReferredTo} AS "isKept" FROM "StoredFile" AS f
        WHERE f."workspaceId" = ${workspaceId} AND f."digest" = ANY(${locked.map(({ digest }) => digest)}::text[])`);
      const kept = due.filter(({ isKept }) => isKept).map(({ digest }) => digest);
      const gone = due.filter(({ isKept }) => !isKept).map(({ digest }) => digest);
      await tx.$executeRaw(sql`UPDATE "StoredFile" SET "expiresAt" = NULL
        WHERE "workspaceId" = ${workspaceId} AND "digest" = ANY(${kept}::text[])`);
      await storage.remove(gone.map((digest) => keyOf(workspaceId, digest)));
      await tx.$executeRaw(sql`DELETE FROM "StoredFile"
        WHERE "workspaceId" = ${workspaceId} AND "digest" = ANY(${gone}::text[])`);
      return due.length;
    },
    { timeoutMs: sweepTimeoutMs },
  );

/** The workers that remove expired contents. */
export const sweepWorkers = (files: FileStore): Workers =>
  workers(sweepJob, 1, ({ workspaceId }) => files.sweep(workspaceId));

const digestOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Two levels of directories, because some file systems are slow with many files in one directory. */
const keyOf = (workspaceId: string, digest: string): string => `${workspaceId}/${digest.slice(0, 2)}/${digest}`;
