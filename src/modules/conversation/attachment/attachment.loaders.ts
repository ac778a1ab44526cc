import DataLoader from 'dataloader';
import { type Database, opaque, sql } from '../../../db/database.js';
import { readRows } from '../../../db/reading/rows.js';
import { attachments } from '../../../db/reading/tables.js';
import type { MessageAttachment } from '../../../generated/prisma/client.js';

export type AttachmentLoaders = ReturnType<typeof attachmentLoaders>;

export function attachmentLoaders(db: Database, workspaceId: string) {
  const columns = attachments.project();
  return {
    /** Attachments by id; null where the workspace has none. */
    byId: new DataLoader<string, MessageAttachment | null>((ids) => readRows(db, attachments, workspaceId, ids)),

    /** The attachments per message id, in the order they were given in. */
    ofMessage: new DataLoader<string, MessageAttachment[]>(async (messageIds) => {
      const values = await db.read(sql`SELECT ${columns.select('r')} FROM ${attachments.name} AS r
        WHERE r."workspaceId" = ${workspaceId} AND r."messageId" = ANY(${opaque(messageIds)}::text[])
        ORDER BY r."messageId", r."id"`);
      const byMessage = new Map(messageIds.map((id): [string, MessageAttachment[]] => [id, []]));
      for (const row of values.map((value) => columns.row(value))) byMessage.get(row.messageId)?.push(row);
      return messageIds.map((id) => byMessage.get(id) ?? []);
    }),
  };
}
