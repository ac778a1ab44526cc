import { z } from 'zod';
import { list, name, text, webUrl } from '../../../lib/values/validation.js';

export const maxAttachments = 20;
const maxSizeBytes = 2_147_483_647;

export const attachmentInput = z.object({
  url: webUrl,
  fileName: name(255),
  contentType: text(255)
    .transform((value) => value.trim().toLowerCase())
    .refine((value) => /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(value), 'Must be a media type such as image/png.')
    .nullish(),
  sizeBytes: z.int().min(0, 'Must not be negative.').max(maxSizeBytes, `Must be at most ${maxSizeBytes}.`).nullish(),
});

/** The files of a message that is taken in. */
export const attachmentsInput = list(
  attachmentInput,
  maxAttachments,
  `A message has at most ${maxAttachments} attachments.`,
)
  .nullish()
  .transform((value) => value ?? []);

export type NewAttachment = z.output<typeof attachmentInput>;
