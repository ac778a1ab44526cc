import type { Caller } from '../../../auth/caller.js';
import { sql, type Transaction } from '../../../db/database.js';
import { AppError } from '../../../errors.js';
import type { Upload } from '../../../generated/prisma/client.js';

/** An uploaded file that a message takes. */
export interface TakenUpload {
  url: null;
  digest: string;
  fileName: string;
  contentType: string;
  sizeBytes: number;
}

/**
 * Takes uploaded files for a message, in the order of the ids. They are no longer uploads afterwards.
 * @throws NOT_FOUND for the first id without an upload.
 */
export async function takeUploads(
  tx: Transaction,
  { workspaceId }: Caller,
  ids: readonly string[],
  path: readonly string[],
): Promise<TakenUpload[]> {
  if (ids.length === 0) return [];
  const rows = await tx.$queryRaw<Upload[]>(sql`DELETE FROM "Upload" AS u
    WHERE u."workspaceId" = ${workspaceId} AND u."id" = ANY(${ids}::text[]) RETURNING u.*`);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id, index) => {
    const upload = byId.get(id);
    if (!upload || ids.indexOf(id) < index) {
      throw new AppError('NOT_FOUND', 'There is no such upload: it was used, or is older than a day.', {
        path: [...path, index],
      });
    }
    const { digest, fileName, contentType, sizeBytes } = upload;
    return { url: null, digest, fileName, contentType, sizeBytes };
  });
}
