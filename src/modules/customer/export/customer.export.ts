import { raw, sql } from '../../../db/database.js';
import type { Read } from '../../../db/reading/snapshot.js';
import { customers } from '../../../db/reading/tables.js';
import type { Customer } from '../../../generated/prisma/client.js';

const pageSize = 500;

/** In this order they are written; `importedCustomer` takes each of them. */
const columns = [
  'id',
  'uuid',
  'externalId',
  'email',
  'name',
  'phone',
  'avatarUrl',
  'status',
  'sentiment',
  'notes',
  'tags',
  'metadata',
  'source',
  'archivedAt',
  'mergedIntoId',
  'createdAt',
  'updatedAt',
  'version',
] as const satisfies readonly (keyof Customer)[];

export type ExportedCustomer = Pick<Customer, (typeof columns)[number]>;

/**
 * The workspace's customers as an import takes them, a page at a time: first those that there are, then those who were
 * merged into one of them, each in the order of their ids.
 */
export async function* exportedCustomers(read: Read, workspaceId: string): AsyncGenerator<ExportedCustomer[]> {
  yield* pages(read, workspaceId, 'IS NULL');
  yield* pages(read, workspaceId, 'IS NOT NULL');
}

async function* pages(
  read: Read,
  workspaceId: string,
  merged: 'IS NULL' | 'IS NOT NULL',
): AsyncGenerator<ExportedCustomer[]> {
  const projection = customers.project(columns);
  for (let after = ''; ; ) {
    const rows = await read(sql`SELECT ${projection.select('r')} FROM "Customer" AS r
      WHERE r."workspaceId" = ${workspaceId} AND r."id" > ${after}
        AND r."deletedAt" IS NULL AND r."mergedIntoId" ${raw(merged)}
      ORDER BY r."id" LIMIT ${pageSize}`);
    const page = rows.map((values): ExportedCustomer => {
      const row = projection.row(values);
      return Object.fromEntries(columns.map((column) => [column, row[column]])) as ExportedCustomer;
    });
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (!last || page.length < pageSize) return;
    after = last.id;
  }
}
