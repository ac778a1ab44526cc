import { z } from 'zod';
import { ConversationSource, MessageDirection } from '../../generated/prisma/client.js';
import { name } from '../../lib/validation.js';
import { customerFields } from '../customer/customer.input.js';
import { messageContent } from '../message/message.input.js';

const maxMessages = 10_000;
/** Clocks differ; a message from further ahead would stay on top of every list. */
const maxAheadMs = 24 * 60 * 60 * 1000;

const sentAt = z.iso
  .datetime({ offset: true, message: 'Must be a time in ISO 8601 with its zone, such as 2024-05-01T09:30:00Z.' })
  .transform((value) => new Date(value))
  .refine((time) => time.getTime() >= 0 && time.getTime() <= Date.now() + maxAheadMs, {
    message: 'Must lie between 1970 and now.',
  });

const importedMessage = messageContent.extend({
  direction: z.enum(MessageDirection),
  /** Who wrote it; when left out, the team for what went out and the customer for what came in. */
  author: name(255).nullish(),
  sentAt,
  /** When left out, `<externalId of the conversation>:<place in it>`. */
  externalId: name(255).nullish(),
});

const importedCustomer = customerFields
  .pick({ externalId: true, email: true, name: true })
  .refine(({ externalId, email }) => externalId != null || email != null, {
    path: ['externalId'],
    message: 'One of externalId and email must say which customer is meant.',
  });

/** A conversation with its customer and its messages as another system exports it. */
export const importedConversation = z
  .object({
    externalId: name(255),
    /** The team that answers; names the channel. */
    team: name(255),
    source: z.enum(ConversationSource),
    subject: name(500).nullish(),
    customer: importedCustomer,
    messages: z
      .array(importedMessage)
      .min(1, 'Must not be empty.')
      .max(maxMessages, `At most ${maxMessages} messages.`),
  })
  .transform(({ messages, ...conversation }) => ({
    ...conversation,
    messages: messages.map(({ externalId, ...message }, index) => ({
      ...message,
      externalId: externalId ?? `${conversation.externalId}:${index}`,
    })),
  }))
  .superRefine(({ messages }, context) => {
    const seen = new Set<string>();
    for (const [index, { externalId }] of messages.entries()) {
      if (seen.has(externalId)) {
        const message = 'Another message of this conversation has this externalId.';
        context.addIssue({ code: 'custom', path: ['messages', index, 'externalId'], message });
      }
      seen.add(externalId);
    }
  });

export type ImportedConversation = z.output<typeof importedConversation>;
export type ImportedMessage = ImportedConversation['messages'][number];
export type ImportedCustomer = ImportedConversation['customer'];
