import type { Transaction } from '../../../db/database.js';
import { newId } from '../../../db/ids.js';
import { insertRows } from '../../../db/writing/insert.js';
import type { Message, MessageAttachment } from '../../../generated/prisma/client.js';
import type { NewAttachment } from './attachment.input.js';

/** A file of a message. The URL is null if the file is not stored anywhere. */
export type AttachedFile = Omit<NewAttachment, 'url'> & { url: string | null };

/** The fields that an export of the same file carries. */
export interface AttachmentRecord {
  id?: string | null | undefined;
  createdAt?: Date | null | undefined;
}

/** The rows of a new message's files. */
export const attachmentRows = (
  { workspaceId, id: messageId }: Pick<Message, 'workspaceId' | 'id'>,
  attachments: readonly (AttachedFile & AttachmentRecord)[],
): MessageAttachment[] =>
  attachments.map(({ id, url, fileName, contentType = null, sizeBytes = null, createdAt }) => {
    const record = { id: id ?? newId('MessageAttachment'), createdAt: createdAt ?? new Date() };
    return { workspaceId, ...record, messageId, url, fileName, contentType, sizeBytes };
  });

/** Inserts the rows of a new message's files. The files themselves are not fetched. */
export async function insertAttachments(
  tx: Transaction,
  message: Message,
  attachments: readonly AttachedFile[],
): Promise<void> {
  await insertRows(tx, 'MessageAttachment', attachmentRows(message, attachments));
}
