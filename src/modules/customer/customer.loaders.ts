import DataLoader from 'dataloader';
import { type Database, opaque, sql } from '../../db/database.js';
import { conditionsOf } from '../../db/lists/filter.js';
import { loaderPerArguments } from '../../db/reading/loaders.js';
import { readMatches } from '../../db/reading/matches.js';
import { readRows } from '../../db/reading/rows.js';
import { customers } from '../../db/reading/tables.js';
import type { Customer } from '../../generated/prisma/client.js';
import { type CustomerFilter, customerList } from './customer.fields.js';

export type CustomerLoaders = ReturnType<typeof customerLoaders>;

export function customerLoaders(db: Database, workspaceId: string) {
  /** An id of a merged customer answers the survivor; only then is there a second statement. */
  const readCustomers = async (ids: readonly string[]): Promise<(Customer | null)[]> => {
    const found = await readRows(db, customers, workspaceId, ids);
    const survivorIds = [...new Set(found.flatMap((customer) => customer?.mergedIntoId ?? []))];
    if (survivorIds.length === 0) return found;
    const survivors = await readRows(db, customers, workspaceId, survivorIds);
    const byId = new Map(survivorIds.map((id, place) => [id, survivors[place] ?? null]));
    return found.map((customer) => (customer?.mergedIntoId ? (byId.get(customer.mergedIntoId) ?? null) : customer));
  };
  const byId = new DataLoader<string, Customer | null>(readCustomers);

  const readMergedIds = async (ids: readonly string[]): Promise<string[][]> => {
    const rows = await db.read(sql`SELECT r."mergedIntoId", r."id" FROM "Customer" AS r
      WHERE r."workspaceId" = ${workspaceId} AND r."mergedIntoId" = ANY(${opaque(ids)}::text[]) ORDER BY r."id"`);
    const merged = new Map(ids.map((id) => [id, [] as string[]]));
    for (const [survivorId, id] of rows) merged.get(survivorId as string)?.push(id as string);
    return ids.map((id) => merged.get(id) ?? []);
  };

  return {
    /** Customers by id, deleted ones too, since conversations may still name them; null where there is none. */
    byId,

    /** The customer with this id as callers may see it: null when there is none or it was deleted. */
    async visible(id: string): Promise<Customer | null> {
      const customer = await byId.load(id);
      return customer?.deletedAt === null ? customer : null;
    },

    /** Whether the customer of a change meets the filter, by `keyOfChange`. */
    matches: loaderPerArguments((filter: CustomerFilter, changes) =>
      readMatches(db, customers.name, workspaceId, conditionsOf(filter, customerList.filter, workspaceId), changes),
    ),

    /** The ids of the customers that were merged into each. */
    mergedIds: new DataLoader<string, string[]>(readMergedIds),
  };
}
