import { defineRecord } from '../../../db/record.js';
import { importedId, importedTime } from '../../../db/writing/imported.js';
import type { MessageAttachment } from '../../../generated/prisma/client.js';
import { text } from '../../../lib/values/validation.js';
import { attachmentInput } from './attachment.input.js';

const { shape } = attachmentInput;

/** The name of a stored content. */
export const digest = text(64).regex(/^[0-9a-f]{64}$/, 'Must be a SHA-256 in hexadecimal.');

export const attachmentRecord = defineRecord<MessageAttachment>('MessageAttachment')
  .fields({
    id: { rule: importedId('MessageAttachment').nullish(), entity: false },
    /** Null for a stored file and for one without content. Webhooks get a link to a stored file. */
    url: { rule: shape.url.nullable() },
    /** The SHA-256 of the content in hexadecimal, by which it is found among the files of an export. */
    digest: {
      rule: digest.nullish(),
      file: ({ digest: stored }) => stored ?? undefined,
      entity: false,
    },
    /** The Content-ID by which the HTML of the message refers to it. */
    contentId: { rule: text(500).nullish(), file: ({ contentId }) => contentId ?? undefined, entity: false },
    fileName: { rule: shape.fileName },
    contentType: { rule: shape.contentType },
    sizeBytes: { rule: shape.sizeBytes },
    createdAt: { rule: importedTime.nullish(), entity: false },
  })
  .omitting({ messageId: 'It stands within its message.' });
