import DataLoader from 'dataloader';
import { opaque, sql } from '../../../db/database.js';
import type { LoaderParts } from '../../../db/reading/loaders.js';
import { attachments } from '../../../db/reading/tables.js';
import type { MessageAttachment } from '../../../generated/prisma/client.js';

export function attachmentLoaders({ db, workspaceId }: LoaderParts) {
  const columns = attachments.project();
  return {
    /** The attachments per message id, in the order of the message's input. */
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
