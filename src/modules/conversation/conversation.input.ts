import { z } from 'zod';
import { ConversationSource, ConversationStatus } from '../../generated/prisma/client.js';
import { email, list, name } from '../../lib/values/validation.js';
import { attachmentsInput } from './attachment/attachment.input.js';
import type { ConversationFilter } from './conversation.fields.js';
import { messageContent } from './message/message.input.js';

const ifVersion = z.int().nullish();

export const startConversationInput = messageContent
  .extend({
    contactId: z.string().nullish(),
    email: email.nullish(),
    name: name(255).nullish(),
    subject: name(500).nullish(),
    channelId: z.string().nullish(),
    source: z.enum(ConversationSource).nullish(),
    direction: z
      .enum(['INBOUND', 'OUTBOUND'])
      .nullish()
      .transform((value) => value ?? 'OUTBOUND'),
    assigneeId: z.string().nullish(),
    externalId: name(255).nullish(),
    attachments: attachmentsInput,
  })
  .refine((input) => (input.contactId == null) !== (input.email == null), {
    path: ['email'],
    message: 'Exactly one of contactId and email must say who the conversation is with.',
  });

export const setConversationStatusInput = z.object({
  id: z.string(),
  status: z.enum(ConversationStatus),
  ifVersion,
});

export const assignConversationInput = z.object({ id: z.string(), assigneeId: z.string().nullish(), ifVersion });

export const updateConversationInput = z.object({
  id: z.string(),
  subject: name(500).nullish(),
  channelId: z.string().nullish(),
  ifVersion,
});

export const snoozeConversationInput = z.object({
  id: z.string(),
  until: z.date().refine((until) => until.getTime() > Date.now(), 'Must be in the future.'),
  ifVersion,
});

export const unsnoozeConversationInput = z.object({ id: z.string(), ifVersion });

export const maxBulkIds = 250;

/** Which conversations a change of many is about; the list checks the filter itself. */
const many = z
  .object({
    ids: list(z.string(), maxBulkIds, `At most ${maxBulkIds} ids.`)
      .refine((ids) => ids.length > 0, 'Must not be empty.')
      .nullish(),
    filter: z.custom<ConversationFilter>().nullish(),
  })
  .refine((input) => (input.ids == null) !== (input.filter == null), {
    path: ['ids'],
    message: 'Exactly one of ids and filter must say which conversations.',
  });

export const setConversationsStatusInput = many.safeExtend({ status: z.enum(ConversationStatus) });

export const assignConversationsInput = many.safeExtend({ assigneeId: z.string().nullish() });

export const markConversationReadInput = z.object({ id: z.string() });
