import { raw, sql } from '../../../db/database.js';
import type { Read } from '../../../db/reading/snapshot.js';
import { customers } from '../../../db/reading/tables.js';
import { customerRecord } from '../customer.record.js';

const pageSize = 500;

/**
 * The customers of the workspace in the format of an import, by page: first those that were not merged, then the merged
 * ones, each in the order of their ids.
 */
export async function* exportedCustomers(read: Read, workspaceId: string): AsyncGenerator<object[]> {
  yield* pages(read, workspaceId, 'IS NULL');
  yield* pages(read, workspaceId, 'IS NOT NULL');
}

/** The customers with these ids that were not deleted. */
export async function livingCustomers(
  read: Read,
  workspaceId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { id: string; externalId: string | null }>> {
  const rows = await read(sql`SELECT r."id", r."externalId" FROM "Customer" AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = ANY(${[...new Set(ids)]}::text[]) AND r."deletedAt" IS NULL`);
  return new Map((rows as [string, string | null][]).map(([id, externalId]) => [id, { id, externalId }]));
}

async function* pages(read: Read, workspaceId: string, merged: 'IS NULL' | 'IS NOT NULL'): AsyncGenerator<object[]> {
  const columns = customers.project();
  for (let after = ''; ; ) {
    const values = await read(sql`SELECT ${columns.select('r')} FROM "Customer" AS r
      WHERE r."workspaceId" = ${workspaceId} AND r."id" > ${after}
        AND r."deletedAt" IS NULL AND r."mergedIntoId" ${raw(merged)}
      ORDER BY r."id" LIMIT ${pageSize}`);
    const rows = values.map((value) => columns.row(value));
    if (rows.length > 0) yield rows.map((row) => customerRecord.line(row));
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = last.id;
  }
}
