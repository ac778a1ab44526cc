import { z } from 'zod';
import {
  ChannelKind,
  ConversationSource,
  ConversationStatus,
  MessageDirection,
  MessageStatus,
} from '../../../generated/prisma/client.js';
import { email, list, name, text, webUrl, wholeNumber } from '../../../lib/values/validation.js';
import { customerFields } from '../../customer/customer.input.js';
import { importedId, importedTime, importedVersion, time } from '../../customer/import/customer.import.input.js';
import { attachmentInput } from '../attachment/attachment.input.js';
import { maxMailAttachments } from '../message/message.bounds.js';
import { maxMessageLength, messageContent } from '../message/message.input.js';

export const maxImportedMessages = 10_000;

const importedAttachment = attachmentInput.extend({
  /** Null for a file of a mail. */
  url: attachmentInput.shape.url.nullable(),
  id: importedId('MessageAttachment').nullish(),
  createdAt: importedTime.nullish(),
});

/** The mail that a message came with or went out with. */
const importedEmail = z.object({
  /** Without angle brackets. */
  messageId: text(500).regex(/^[^<>\s]+$/, 'Must be a Message-ID without angle brackets.'),
  deliveredAt: importedTime.nullish(),
  attempts: wholeNumber(0, 1_000_000).nullish(),
  failure: z.object({ code: name(50), reason: text(500), isPermanent: z.boolean() }).nullish(),
});

const importedMessage = messageContent
  .extend({
    text: text(maxMessageLength),
    id: importedId('Message').nullish(),
    direction: z.enum(MessageDirection),
    isInternal: z.boolean().nullish(),
    /** Who wrote it, null for nobody known; when left out, the team for what went out, the customer for what came in. */
    author: name(320).nullish(),
    /** The e-mail address of the agent who wrote it. */
    agent: email.nullish(),
    /** When left out, RECEIVED for what came in and SENT for the rest. */
    status: z.enum(MessageStatus).nullish(),
    sentAt: importedTime,
    /** When it was stored there, and when the note was changed. */
    createdAt: importedTime.nullish(),
    editedAt: importedTime.nullish(),
    version: importedVersion.nullish(),
    attachments: list(
      importedAttachment,
      maxMailAttachments,
      `A message has at most ${maxMailAttachments} attachments.`,
    ).nullish(),
    email: importedEmail.nullish(),
    /** When left out, and there is no id, `<externalId of the conversation>:<place in it>`. */
    externalId: name(255).nullish(),
  })
  .superRefine(({ direction, isInternal, agent, status, editedAt, text: said, email: mail }, context) => {
    const inbound = direction === 'INBOUND';
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    // A mail may consist of its files.
    if (said.trim() === '' && mail == null) issue('text', 'Must not be empty.');
    if (inbound && isInternal) issue('isInternal', 'An inbound message cannot be an internal note.');
    if (!isInternal && editedAt != null) issue('editedAt', 'Only internal notes can be edited.');
    if (inbound && agent != null) issue('agent', 'No agent writes an inbound message.');
    if (status != null && (status === 'RECEIVED') !== inbound) {
      issue('status', 'RECEIVED is the status of inbound messages, and only theirs.');
    }
  });

const importedCustomer = customerFields
  .pick({ externalId: true, email: true, name: true })
  .extend({ id: importedId('Customer').nullish() })
  .refine(({ id, externalId, email: address }) => id != null || externalId != null || address != null, {
    path: ['externalId'],
    message: 'One of externalId and email must say which customer is meant.',
  });

const importedChannel = z.object({
  id: importedId('Channel').nullish(),
  kind: z.enum(ChannelKind),
  name: name(255),
  address: email.nullish(),
  version: importedVersion.nullish(),
  createdAt: importedTime.nullish(),
  updatedAt: importedTime.nullish(),
});

const importedAgent = z.object({
  id: importedId('Agent').nullish(),
  email,
  name: name(255),
  avatarUrl: webUrl.nullish(),
  version: importedVersion.nullish(),
  createdAt: importedTime.nullish(),
  updatedAt: importedTime.nullish(),
  deactivatedAt: importedTime.nullish(),
});

/** A conversation with its customer and its messages as another system, or another installation, exports it. */
export const importedConversation = z
  .object({
    id: importedId('Conversation').nullish(),
    externalId: name(255).nullish(),
    /** True for more messages of a conversation that a line before began: they are no change of it. */
    continued: z.boolean().nullish(),
    /** The team that answers; names the channel, unless that is given. */
    team: name(255).nullish(),
    /** Where it takes place; null for nowhere. */
    channel: importedChannel.nullish(),
    source: z.enum(ConversationSource),
    status: z.enum(ConversationStatus).nullish(),
    subject: name(500).nullish(),
    /** The e-mail address of the agent it is assigned to. */
    assignee: email.nullish(),
    unreadCount: wholeNumber(0, 1_000_000_000).nullish(),
    closedAt: importedTime.nullish(),
    /** Open conversations only; it may have passed. */
    snoozedUntil: time.nullish(),
    createdAt: importedTime.nullish(),
    updatedAt: importedTime.nullish(),
    version: importedVersion.nullish(),
    customer: importedCustomer,
    /** Who `assignee` and `agent` name; those whom the workspace lacks are created. */
    agents: list(importedAgent, maxImportedMessages, `At most ${maxImportedMessages} agents.`).nullish(),
    messages: list(importedMessage, maxImportedMessages, `At most ${maxImportedMessages} messages.`),
  })
  .superRefine(({ id, externalId, team, channel, status, closedAt, snoozedUntil, createdAt, messages }, context) => {
    const issue = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (externalId == null && id == null) issue(['externalId'], 'Must be given where there is no id.');
    if (team == null && channel === undefined) issue(['team'], 'Must be given where there is no channel.');
    const isOpen = (status ?? 'OPEN') === 'OPEN';
    if (closedAt != null && isOpen) issue(['closedAt'], 'An open conversation has not been closed.');
    if (snoozedUntil != null && !isOpen) issue(['snoozedUntil'], 'Only an open conversation can be snoozed.');
    if (messages.length === 0 && createdAt == null) issue(['messages'], 'Must not be empty.');
  })
  .transform(({ messages, channel, ...conversation }) => ({
    ...conversation,
    channel:
      channel === undefined && conversation.team != null
        ? { kind: conversation.source, name: conversation.team }
        : (channel ?? null),
    messages: messages.map(({ externalId, ...message }, index) => ({
      ...message,
      externalId: externalId ?? (message.id == null ? `${conversation.externalId ?? conversation.id}:${index}` : null),
    })),
  }))
  .superRefine(({ messages }, context) => {
    const seen = new Set<string>();
    const isNew = (name: string): boolean => !seen.has(name) && Boolean(seen.add(name));
    const issue = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path: ['messages', ...path], message });
    for (const [index, message] of messages.entries()) {
      for (const key of ['externalId', 'id'] as const) {
        if (message[key] == null || isNew(`${key} ${message[key]}`)) continue;
        issue([index, key], `Another message of this conversation has this ${key}.`);
      }
      if (message.email && !isNew(`email ${message.email.messageId}`)) {
        issue([index, 'email', 'messageId'], 'Another message of this conversation has this Message-ID.');
      }
      for (const [place, { id }] of (message.attachments ?? []).entries()) {
        if (id == null || isNew(`attachment ${id}`)) continue;
        issue([index, 'attachments', place, 'id'], 'Another attachment of this conversation has this id.');
      }
    }
  });

export type ImportedConversation = z.output<typeof importedConversation>;
export type ImportedMessage = ImportedConversation['messages'][number];
export type ImportedAgent = z.output<typeof importedAgent>;
export type ImportedChannel = z.output<typeof importedChannel>;
