import DataLoader from 'dataloader';
import type { Database } from '../../db/database.js';
import { readRows } from '../../db/reading/rows.js';
import { events } from '../../db/reading/tables.js';
import type { DomainEvent } from '../../generated/prisma/client.js';

export type EventLoaders = ReturnType<typeof eventLoaders>;

export function eventLoaders(db: Database, workspaceId: string) {
  return {
    /** Events by id; null where the workspace has none. */
    byId: new DataLoader<string, DomainEvent | null>((ids) => readRows(db, events, workspaceId, ids)),
  };
}
