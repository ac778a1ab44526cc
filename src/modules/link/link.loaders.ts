import DataLoader from 'dataloader';
import type { Database } from '../../db/database.js';
import { readRows } from '../../db/reading/rows.js';
import { links } from '../../db/reading/tables.js';
import type { Link } from '../../generated/prisma/client.js';

export function linkLoaders(db: Database, workspaceId: string) {
  const byId = new DataLoader<string, Link | null>((ids) => readRows(db, links, workspaceId, ids));
  return {
    /** Links by id, deleted ones too, since clicks still name them; null where the workspace has none. */
    byId,

    /** The link with this id as callers may see it: null when there is none or it was deleted. */
    async visible(id: string): Promise<Link | null> {
      const link = await byId.load(id);
      return link?.deletedAt === null ? link : null;
    },
  };
}
