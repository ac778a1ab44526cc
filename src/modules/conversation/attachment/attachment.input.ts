import { z } from 'zod';
import { id, inputMeta, list, name, text, webUrl } from '../../../lib/values/validation.js';

export const maxAttachments = 20;
const maxFileName = 255;
const maxSizeBytes = 2_147_483_647;

export const attachmentInput = z
  .object({
    url: webUrl.describe('The address of the file: an http or https URL of at most 2,000 characters.'),
    fileName: name(maxFileName).describe(`The name of the file, at most ${maxFileName} characters.`),
    contentType: text(255)
      .transform((value) => value.trim().toLowerCase())
      .refine((value) => /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(value), 'Must be a media type such as image/png.')
      .nullish()
      .describe('The media type, such as image/png.'),
    sizeBytes: z
      .int()
      .min(0, 'Must not be negative.')
      .max(maxSizeBytes, `Must be at most ${maxSizeBytes}.`)
      .nullish()
      .describe('The length in bytes.'),
  })
  .describe('A file that belongs to a message and is stored elsewhere.')
  .register(inputMeta, { type: 'MessageAttachmentInput' });

/** The files of a new message. */
export const attachmentsInput = list(
  attachmentInput,
  maxAttachments,
  `A message has at most ${maxAttachments} attachments.`,
)
  .nullish()
  .transform((value) => value ?? [])
  .describe(`The files that belong to the message, at most ${maxAttachments}.`);

/** The uploaded files of a new message. */
export const attachmentIdsInput = list(id, maxAttachments, `A message has at most ${maxAttachments} attachments.`)
  .nullish()
  .transform((value) => value ?? [])
  .describe(
    'The ids of files that were uploaded with POST /attachments. Each can be used once. By e-mail they are sent as files, after those in attachments.',
  );

/** Whether a message has few enough files, whatever they are. */
export const tooManyAttachments = {
  path: ['attachmentIds'],
  message: `A message has at most ${maxAttachments} attachments.`,
};
export const hasFewAttachments = (message: { attachments: readonly unknown[]; attachmentIds: readonly unknown[] }) =>
  message.attachments.length + message.attachmentIds.length <= maxAttachments;

export type NewAttachment = z.output<typeof attachmentInput>;
