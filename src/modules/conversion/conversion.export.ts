import { sql } from '../../db/database.js';
import { exportedRows } from '../../db/reading/exported.js';
import type { Read } from '../../db/reading/snapshot.js';
import { conversions, tableOf } from '../../db/reading/tables.js';
import type { Conversion } from '../../generated/prisma/client.js';
import { livingCustomers } from '../customer/export/customer.export.js';
import { conversionRecord, type FiledConversion } from './conversion.record.js';

const pageSize = 500;

/** All conversions of the workspace with their refunds, by page; those of deleted customers belong to nobody. */
export async function* exportedConversions(read: Read, workspaceId: string): AsyncGenerator<object[]> {
  const filed = await filer(read, workspaceId);
  for await (const rows of exportedRows(read, tableOf('Conversion'), workspaceId)) {
    yield (await filed(rows)).map((row) => conversionRecord.line(row));
  }
}

/**
 * The fields of a purchase that an import accepts. The customer is identified by the externalId, which an import of
 * customers keeps.
 */
const purchaseFields = ['orderId', 'amountMinor', 'currency', 'exchangeRate', 'items', 'occurredAt'] as const;

/**
 * The sales that an import of purchases can restore, by page, in the order of their orderIds: approved sales with an
 * orderId, of customers who were not deleted.
 */
export async function* exportedPurchases(read: Read, workspaceId: string): AsyncGenerator<object[]> {
  const filed = await filer(read, workspaceId);
  const columns = conversions.project();
  for (let after = ''; ; ) {
    const values = await read(sql`SELECT ${columns.select('r')} FROM "Conversion" AS r
      WHERE r."workspaceId" = ${workspaceId} AND r."class" = 'SALE' AND r."orderId" > ${after}
      ORDER BY r."orderId" LIMIT ${pageSize}`);
    const rows = values.map((value) => columns.row(value));
    const lines = (await filed(rows)).flatMap((row) => {
      if (row.status !== 'APPROVED' || row.customerId === null) return [];
      const name = row.customerExternalId === null ? 'customerId' : 'customerExternalId';
      return [conversionRecord.line(row, [name, ...purchaseFields])];
    });
    if (lines.length > 0) yield lines;
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = last.orderId ?? '';
  }
}

/** Adds to conversions what files say of their customers and of the currency of the workspace. */
async function filer(
  read: Read,
  workspaceId: string,
): Promise<(rows: readonly Conversion[]) => Promise<FiledConversion[]>> {
  const [found] = await read(sql`SELECT w."currency" FROM "Workspace" AS w WHERE w."id" = ${workspaceId}`);
  const [baseCurrency] = found as [string];
  return async (rows) => {
    const living = await livingCustomers(
      read,
      workspaceId,
      rows.map(({ customerId }) => customerId),
    );
    return rows.map((row) => {
      const customer = living.get(row.customerId);
      const customerExternalId = customer?.externalId ?? null;
      return { ...row, customerId: customer?.id ?? null, customerExternalId, baseCurrency };
    });
  };
}
