import DataLoader from 'dataloader';
import type { Database } from '../../db/database.js';
import { readRows } from '../../db/rows.js';
import { customers } from '../../db/tables.js';
import type { Customer } from '../../generated/prisma/client.js';

export type CustomerLoaders = ReturnType<typeof customerLoaders>;

export function customerLoaders(db: Database, workspaceId: string) {
  const byId = new DataLoader<string, Customer | null>((ids) => readRows(db, customers, workspaceId, ids));
  return {
    /** Customers by id, deleted ones too, since conversations may still name them; null where there is none. */
    byId,

    /** The customer with this id as callers may see it: null when there is none or it was deleted. */
    async visible(id: string): Promise<Customer | null> {
      const customer = await byId.load(id);
      return customer?.deletedAt === null ? customer : null;
    },
  };
}
