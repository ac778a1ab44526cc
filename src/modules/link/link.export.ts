import { exportedRows } from '../../db/reading/exported.js';
import type { Read } from '../../db/reading/snapshot.js';
import { tableOf } from '../../db/reading/tables.js';
import { linkRecord } from './link.record.js';

/** The links of the workspace, by page. */
export async function* exportedLinks(read: Read, workspaceId: string): AsyncGenerator<object[]> {
  for await (const rows of exportedRows(read, tableOf('Link'), workspaceId)) {
    yield rows.map((row) => linkRecord.line(row));
  }
}
