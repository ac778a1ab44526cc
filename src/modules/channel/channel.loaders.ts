import DataLoader from 'dataloader';
import type { Database } from '../../db/database.js';
import { readRows } from '../../db/reading/rows.js';
import { channels } from '../../db/reading/tables.js';
import type { Channel } from '../../generated/prisma/client.js';

export type ChannelLoaders = ReturnType<typeof channelLoaders>;

export function channelLoaders(db: Database, workspaceId: string) {
  return {
    /** Channels by id; null where the workspace has none. */
    byId: new DataLoader<string, Channel | null>((ids) => readRows(db, channels, workspaceId, ids)),
  };
}
