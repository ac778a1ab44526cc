import { sql } from '../../db/database.js';
import type { LoaderParts } from '../../db/reading/loaders.js';
import { readRow } from '../../db/reading/rows.js';
import { workspaces } from '../../db/reading/tables.js';
import { notFound } from '../../errors.js';
import type { Workspace } from '../../generated/prisma/client.js';

export function workspaceLoaders({ db, workspaceId }: LoaderParts) {
  let own: Promise<Workspace> | undefined;
  const read = async (): Promise<Workspace> => {
    const workspace = await readRow(db, workspaces, sql`r."id" = ${workspaceId}`);
    if (!workspace) throw notFound('Workspace', []);
    return workspace;
  };
  return {
    /** The caller's own workspace, read once per request. */
    own(): Promise<Workspace> {
      own ??= read();
      return own;
    },
  };
}
