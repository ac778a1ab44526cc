import { exportedRows } from '../../db/reading/exported.js';
import type { Read } from '../../db/reading/snapshot.js';
import { tableOf } from '../../db/reading/tables.js';
import { campaignRecord } from './campaign.record.js';

/** The campaigns of the workspace, by page. */
export async function* exportedCampaigns(read: Read, workspaceId: string): AsyncGenerator<object[]> {
  for await (const rows of exportedRows(read, tableOf('Campaign'), workspaceId)) {
    yield rows.map((row) => campaignRecord.line(row));
  }
}
