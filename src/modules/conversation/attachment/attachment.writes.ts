import type { Transaction } from '../../../db/database.js';
import { newId } from '../../../db/ids.js';
import { insertRows } from '../../../db/writing/insert.js';
import type { Message, MessageAttachment } from '../../../generated/prisma/client.js';
import { referToFiles } from '../../file/file.references.js';
import type { NewAttachment } from './attachment.input.js';

/** A file of a message: stored here under a digest, elsewhere under a URL, or not at all. */
export type AttachedFile = Omit<NewAttachment, 'url'> & {
  url: string | null;
  digest?: string | null | undefined;
  contentId?: string | null | undefined;
};

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
  attachments.map(
    ({ id, createdAt, contentType = null, sizeBytes = null, digest = null, contentId = null, ...file }) => {
      const record = { id: id ?? newId('MessageAttachment'), createdAt: createdAt ?? new Date() };
      const { url, fileName } = file;
      return { workspaceId, ...record, messageId, url, digest, contentId, fileName, contentType, sizeBytes };
    },
  );

/** Inserts the rows of a new message's files. Files elsewhere are not fetched. @throws FileGone */
export async function insertAttachments(
  tx: Transaction,
  message: Pick<Message, 'workspaceId' | 'id'> & { rawDigest?: string | null },
  attachments: readonly AttachedFile[],
): Promise<void> {
  const digests = [message.rawDigest, ...attachments.map(({ digest }) => digest)].filter((digest) => digest != null);
  await referToFiles(tx, message.workspaceId, digests);
  await insertRows(tx, 'MessageAttachment', attachmentRows(message, attachments));
}
