import DataLoader from 'dataloader';
import type { Database } from '../../db/database.js';
import { readRows } from '../../db/reading/rows.js';
import { campaigns } from '../../db/reading/tables.js';
import type { Campaign } from '../../generated/prisma/client.js';

export function campaignLoaders(db: Database, workspaceId: string) {
  return {
    /** Campaigns by id; null where the workspace has none. */
    byId: new DataLoader<string, Campaign | null>((ids) => readRows(db, campaigns, workspaceId, ids)),
  };
}
