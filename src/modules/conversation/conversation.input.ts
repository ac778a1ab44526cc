import { z } from 'zod';
import { ConversationSource, ConversationStatus } from '../../generated/prisma/client.js';
import { email, name } from '../../lib/validation.js';
import { messageContent } from '../message/message.input.js';

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

export const markConversationReadInput = z.object({ id: z.string() });
