import DataLoader from 'dataloader';
import type { Database } from '../../db/database.js';
import { readRows } from '../../db/rows.js';
import { customers } from '../../db/tables.js';
import type { Customer } from '../../generated/prisma/client.js';

export type CustomerLoaders = ReturnType<typeof customerLoaders>;

export function customerLoaders(db: Database, workspaceId: string) {
  return {
    /** Customers by id; null where the workspace has none. */
    byId: new DataLoader<string, Customer | null>((ids) => readRows(db, customers, workspaceId, ids)),
  };
}
