import DataLoader from 'dataloader';
import { opaque, sql } from '../../db/database.js';
import { conditionsOf } from '../../db/lists/filter.js';
import { type LoaderParts, loaderPerArguments, type ReadRows, rowLoaders } from '../../db/reading/loaders.js';
import { readMatches } from '../../db/reading/matches.js';
import { readRows } from '../../db/reading/rows.js';
import { customers } from '../../db/reading/tables.js';
import type { Customer } from '../../generated/prisma/client.js';
import { type CustomerFilter, customerList } from './customer.fields.js';

/** Customers by id. The id of a merged customer gives the survivor, which takes a second statement. */
const survivorReader =
  ({ db, workspaceId }: LoaderParts): ReadRows<Customer> =>
  async (ids) => {
    const found = await readRows(db, customers, workspaceId, ids);
    const survivorIds = [...new Set(found.flatMap((customer) => customer?.mergedIntoId ?? []))];
    if (survivorIds.length === 0) return found;
    const survivors = await readRows(db, customers, workspaceId, survivorIds);
    const byId = new Map(survivorIds.map((id, place) => [id, survivors[place] ?? null]));
    return found.map((customer) => (customer?.mergedIntoId ? (byId.get(customer.mergedIntoId) ?? null) : customer));
  };

/** The loaders of a workspace's rows by id. The id of a merged customer gives the survivor. */
export const rowsById = (parts: LoaderParts) => rowLoaders(parts, { Customer: survivorReader(parts) });

export function customerLoaders({ db, workspaceId }: LoaderParts) {
  const readMergedIds = async (ids: readonly string[]): Promise<string[][]> => {
    const rows = await db.read(sql`SELECT r."mergedIntoId", r."id" FROM "Customer" AS r
      WHERE r."workspaceId" = ${workspaceId} AND r."mergedIntoId" = ANY(${opaque(ids)}::text[]) ORDER BY r."id"`);
    const merged = new Map(ids.map((id) => [id, [] as string[]]));
    for (const [survivorId, id] of rows) merged.get(survivorId as string)?.push(id as string);
    return ids.map((id) => merged.get(id) ?? []);
  };

  return {
    /** Whether the customer of a change matches the filter, by `keyOfChange`. */
    matches: loaderPerArguments((filter: CustomerFilter, changes) =>
      readMatches(db, customers.name, workspaceId, conditionsOf(filter, customerList.filter, workspaceId), changes),
    ),

    /** The ids of the customers that were merged into each customer. */
    mergedIds: new DataLoader<string, string[]>(readMergedIds),
  };
}
