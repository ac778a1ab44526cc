import type { Transaction } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { insertRows } from '../../db/insert.js';
import type { Message } from '../../generated/prisma/client.js';
import type { NewAttachment } from './attachment.input.js';

/** Writes what is known of a new message's files. The files stay where they are: nothing is fetched. */
export async function insertAttachments(
  tx: Transaction,
  { workspaceId, id: messageId }: Message,
  attachments: readonly NewAttachment[],
): Promise<void> {
  const rows = attachments.map(({ url, fileName, contentType = null, sizeBytes = null }) => {
    return { workspaceId, id: newId('MessageAttachment'), messageId, url, fileName, contentType, sizeBytes };
  });
  await insertRows(tx, 'MessageAttachment', rows);
}
