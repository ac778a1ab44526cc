import { defineRecord } from '../../../db/record.js';
import { importedId, importedTime } from '../../../db/writing/imported.js';
import type { MessageAttachment } from '../../../generated/prisma/client.js';
import { attachmentInput } from './attachment.input.js';

const { shape } = attachmentInput;

export const attachmentRecord = defineRecord<MessageAttachment>('MessageAttachment')
  .fields({
    id: { rule: importedId('MessageAttachment').nullish(), entity: false },
    /** Null for a file of a mail. */
    url: { rule: shape.url.nullable() },
    fileName: { rule: shape.fileName },
    contentType: { rule: shape.contentType },
    sizeBytes: { rule: shape.sizeBytes },
    createdAt: { rule: importedTime.nullish(), entity: false },
  })
  .omitting({ messageId: 'It stands within its message.' });
