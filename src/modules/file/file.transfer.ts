import { buffer } from 'node:stream/consumers';
import { sql } from '../../db/database.js';
import type { Read } from '../../db/reading/snapshot.js';
import { directoryStorage } from '../../lib/storage/directory.js';
import type { Storage } from '../../lib/storage/storage.js';
import type { FileStore } from './file.store.js';

export { openFiles } from './files.js';
export { directoryStorage as openDirectory };

/** The contents of an export are in a directory next to it, named by their digests. */

const filesAtOnce = 500;
const keyOf = (digest: string): string => `${digest.slice(0, 2)}/${digest}`;

/** Writes the contents that messages of the workspace refer to. Returns how many there are. */
export async function exportFiles(
  read: Read,
  files: Pick<FileStore, 'read'>,
  workspaceId: string,
  target: Storage,
): Promise<number> {
  let count = 0;
  for (let after = ''; ; ) {
    const rows = await read(sql`SELECT f."digest" FROM "StoredFile" AS f
      WHERE f."workspaceId" = ${workspaceId} AND f."digest" > ${after} AND (EXISTS (
          SELECT FROM "MessageAttachment" AS a WHERE a."workspaceId" = f."workspaceId" AND a."digest" = f."digest")
        OR EXISTS (SELECT FROM "Message" AS m WHERE m."workspaceId" = f."workspaceId" AND m."rawDigest" = f."digest"))
      ORDER BY f."digest" LIMIT ${filesAtOnce}`);
    const digests = rows.map(([digest]) => String(digest));
    for (const digest of digests) {
      const content = await files.read(workspaceId, digest);
      if (!content) continue;
      await target.put(keyOf(digest), content);
      count += 1;
    }
    if (digests.length < filesAtOnce) return count;
    after = digests.at(-1) ?? after;
  }
}

/** Stores the contents that will be referred to. Missing ones are skipped. */
export async function importFiles(
  files: FileStore,
  workspaceId: string,
  source: Storage,
  digests: readonly string[],
): Promise<void> {
  for (const digest of new Set(digests)) {
    const content = await source.open(keyOf(digest));
    if (content) await files.keep(workspaceId, [await buffer(content)], async () => undefined);
  }
}
