import type { Caller } from '../../../auth/caller.js';
import { type Database, sql, type Transaction } from '../../../db/database.js';
import { newId } from '../../../db/ids.js';
import { enqueue, jobKind } from '../../../db/queue/jobs.js';
import { type Workers, workers } from '../../../db/queue/queue.js';
import { AppError } from '../../../errors.js';
import type { Upload } from '../../../generated/prisma/client.js';
import { referToFiles, releaseFiles } from '../file.references.js';
import { type FileStore, unusedMs } from '../file.store.js';

/** A file to upload. */
export interface NewUpload {
  fileName: string;
  contentType: string;
  content: Uint8Array;
}

/** How many uploaded files of a workspace may wait for a message. */
const maxWaiting = 1_000;

interface ExpiryJob {
  workspaceId: string;
}

const expiryJob = jobKind<ExpiryJob>('expire-uploads');

export function uploadService(db: Database, files: FileStore) {
  return {
    /** Stores files until messages take them, for a day at most. @throws RATE_LIMITED if too many wait already. */
    async add({ workspaceId }: Caller, given: readonly NewUpload[]): Promise<Upload[]> {
      const contents = given.map(({ content }) => content);
      return files.keep(workspaceId, contents, (digests) =>
        db.transaction(async (tx) => {
          const waiting = await tx.upload.count({ where: { workspaceId } });
          if (waiting + given.length > maxWaiting) throw tooMany();
          await referToFiles(tx, workspaceId, digests);
          const rows = given.map(({ fileName, contentType, content }, index) => ({
            workspaceId,
            id: newId('Upload'),
            digest: digests[index] ?? '',
            fileName,
            contentType,
            sizeBytes: content.byteLength,
          }));
          const uploads = await tx.upload.createManyAndReturn({ data: rows });
          await enqueueExpiry(tx, workspaceId);
          return uploads;
        }),
      );
    },
  };
}

/** When an upload that no message took is removed. */
export const expiryOf = ({ createdAt }: Upload): Date => new Date(createdAt.getTime() + unusedMs);

const tooMany = (): AppError =>
  new AppError('RATE_LIMITED', `At most ${maxWaiting} uploaded files may wait for a message.`, {
    retryable: true,
    retryAfter: 60,
  });

const hourMs = 3_600_000;

/** One job for all uploads of an hour. */
async function enqueueExpiry(tx: Transaction, workspaceId: string): Promise<void> {
  const hour = Math.ceil((Date.now() + unusedMs) / hourMs);
  const key = `expire-uploads:${workspaceId}:${hour}`;
  await enqueue(tx, expiryJob, [{ payload: { workspaceId }, runAt: new Date(hour * hourMs), key }]);
}

export const uploadWorkers = (db: Database): Workers =>
  workers(expiryJob, 1, ({ workspaceId }) => expire(db, workspaceId));

/** Removes the uploads of a workspace that no message took in time. */
const expire = (db: Database, workspaceId: string): Promise<void> =>
  db.transaction(async (tx) => {
    const before = new Date(Date.now() - unusedMs);
    const rows = await tx.$queryRaw<{ digest: string }[]>(sql`DELETE FROM "Upload"
      WHERE "workspaceId" = ${workspaceId} AND "createdAt" < ${before}::timestamptz RETURNING "digest"`);
    await releaseFiles(
      tx,
      workspaceId,
      rows.map(({ digest }) => digest),
    );
  });
