import { exportedRows } from '../../db/reading/exported.js';
import type { Read } from '../../db/reading/snapshot.js';
import { tableOf } from '../../db/reading/tables.js';
import { livingCustomers } from '../customer/export/customer.export.js';
import { clickRecord } from './click.record.js';

/** The clicks of the workspace, by page; those of deleted customers belong to nobody. */
export async function* exportedClicks(read: Read, workspaceId: string): AsyncGenerator<object[]> {
  for await (const rows of exportedRows(read, tableOf('Click'), workspaceId)) {
    const living = await livingCustomers(
      read,
      workspaceId,
      rows.flatMap(({ customerId }) => customerId ?? []),
    );
    yield rows.map((row) => clickRecord.line({ ...row, customerId: living.get(row.customerId ?? '')?.id ?? null }));
  }
}
