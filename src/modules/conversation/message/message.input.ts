import { z } from 'zod';
import { MessageDirection } from '../../../generated/prisma/client.js';
import { name, text } from '../../../lib/values/validation.js';
import { attachmentsInput } from '../attachment/attachment.input.js';

export const maxMessageLength = 100_000;

/** What a message says; shared by everything that takes one in. */
export const messageContent = z.object({
  text: text(maxMessageLength).refine((value) => value.trim() !== '', 'Must not be empty.'),
  html: text(4 * maxMessageLength).nullish(),
});

export const addMessageInput = messageContent
  .extend({
    conversationId: z.string(),
    direction: z
      .enum(MessageDirection)
      .nullish()
      .transform((value) => value ?? 'OUTBOUND'),
    isInternal: z
      .boolean()
      .nullish()
      .transform((value) => value ?? false),
    agentId: z.string().nullish(),
    authorName: name(255).nullish(),
    externalId: name(255).nullish(),
    sentAt: z.date().nullish(),
    attachments: attachmentsInput,
    ifVersion: z.int().nullish(),
  })
  .refine((input) => !(input.isInternal && input.direction === 'INBOUND'), {
    path: ['isInternal'],
    message: 'An inbound message cannot be an internal note.',
  });

export const resendMessageInput = z.object({ id: z.string() });

export const editNoteInput = messageContent.extend({ id: z.string(), ifVersion: z.int().nullish() });
