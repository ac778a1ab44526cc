import { z } from 'zod';
import { defineRecord } from '../../../db/record.js';
import { importedHistory, importedId, importedTime } from '../../../db/writing/imported.js';
import {
  type Agent,
  type Message,
  type MessageAttachment,
  MessageDirection,
  MessageStatus,
} from '../../../generated/prisma/client.js';
import { email, list, name, text, wholeNumber } from '../../../lib/values/validation.js';
import { attachmentRecord } from '../attachment/attachment.record.js';
import { maxMailAttachments } from './message.bounds.js';
import { maxMessageLength, messageContent } from './message.input.js';

/** A message as an export reads it. */
export type FiledMessage = Message & { agent: Agent | null; attachments: readonly MessageAttachment[] };

/** A message as webhooks tell of one. */
export type ShownMessage = Message & {
  /** Its HTML that is safe to show. */
  safeHtml: string | null;
  attachments: readonly MessageAttachment[];
};

/** The mail that a message came with or went out with. */
const importedEmail = z.strictObject({
  /** Without angle brackets. */
  messageId: text(500).regex(/^[^<>\s]+$/, 'Must be a Message-ID without angle brackets.'),
  deliveredAt: importedTime.nullish(),
  attempts: wholeNumber(0, 1_000_000).nullish(),
  failure: z.strictObject({ code: name(50), reason: text(500), isPermanent: z.boolean() }).nullish(),
});

const failureOf = ({ failureCode: code, failureReason: reason, failureIsPermanent: isPermanent }: Message) =>
  code === null ? null : { code, reason: reason ?? '', isPermanent: isPermanent ?? false };

const { version, createdAt } = importedHistory;

export const messageRecord = defineRecord<Message, FiledMessage, ShownMessage>('Message')
  .fields({
    id: { rule: importedId('Message').nullish(), entity: false },
    /** When left out, and there is no id, `<externalId of the conversation>:<place in it>`. */
    externalId: { rule: name(255).nullish() },
    conversationId: { file: false },
    direction: { rule: z.enum(MessageDirection) },
    isInternal: { of: 'internal', rule: z.boolean().nullish() },
    /** Who wrote it, null for nobody known; when left out, the team for what went out, the customer for what came in. */
    author: {
      of: ['authorName', 'agentId'],
      rule: name(320).nullish(),
      file: ({ authorName }) => authorName,
      entity: ({ authorName, agentId }) => ({ name: authorName, agentId }),
    },
    /** The e-mail address of the agent who wrote it. */
    agent: { of: [], rule: email.nullish(), file: ({ agent }) => agent?.email ?? null, entity: false },
    text: { rule: text(maxMessageLength) },
    html: { rule: messageContent.shape.html, entity: ({ safeHtml }) => safeHtml },
    preview: { file: false },
    /** When left out, RECEIVED for what came in and SENT for the rest. */
    status: { rule: z.enum(MessageStatus).nullish() },
    sentAt: { rule: importedTime },
    createdAt,
    /** When the note was changed. */
    editedAt: { rule: importedTime.nullish() },
    version,
    email: {
      of: [],
      rule: importedEmail.nullish(),
      file: (message) =>
        message.emailMessageId === null
          ? undefined
          : {
              messageId: message.emailMessageId,
              deliveredAt: message.deliveredAt,
              attempts: message.sendAttempts,
              failure: failureOf(message),
            },
      entity: false,
    },
    emailMessageId: { file: false },
    deliveredAt: { file: false },
    sendAttempts: { file: false },
    failure: { of: ['failureCode', 'failureReason', 'failureIsPermanent'], file: false, entity: failureOf },
    attachments: {
      of: [],
      rule: list(
        attachmentRecord.schema,
        maxMailAttachments,
        `A message has at most ${maxMailAttachments} attachments.`,
      ).nullish(),
      file: ({ attachments }) => attachments.map((file) => attachmentRecord.line(file)),
      entity: ({ attachments }) => attachments.map(attachmentRecord.entity),
    },
  })
  .omitting({});

/** A message as another system, or another installation, exports it. */
export const importedMessage = messageRecord.schema.superRefine(
  ({ direction, isInternal, agent, status, editedAt, text: said, email: mail }, context) => {
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
  },
);
