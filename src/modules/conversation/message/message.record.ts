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
import { textWithoutQuote } from '../../../lib/mail/quote.js';
import { email, key, list, name, text, wholeNumber } from '../../../lib/values/validation.js';
import { attachmentRecord, digest } from '../attachment/attachment.record.js';
import { authenticationOf, importedAuthentication } from './mail/message.authentication.js';
import { maxMailAttachments } from './mail/message.bounds.js';
import { filedParticipants, importedParticipants, participantsOf } from './mail/message.participants.js';
import { maxMessageLength, messageContent } from './message.input.js';

/** A message as an export reads it. */
export type FiledMessage = Message & { agent: Agent | null; attachments: readonly MessageAttachment[] };

/** A message with the data that webhooks need. */
export type ShownMessage = Message & {
  /** Its HTML that is safe to show. */
  safeHtml: string | null;
  attachments: readonly MessageAttachment[];
};

/** The mail that a message came with or went out with. */
const importedEmail = z.strictObject({
  /** A Message-ID, with or without angle brackets. */
  messageId: text(500)
    .transform((value) => value.trim().replace(/^<(.*)>$/, '$1'))
    .refine((value) => /^[^<>\s]+$/.test(value), 'Must be a Message-ID.'),
  deliveredAt: importedTime.nullish(),
  attempts: wholeNumber(0, 1_000_000).nullish(),
  failure: z
    .strictObject({ code: name(50), reason: text(500), isPermanent: z.boolean(), recipient: text(320).nullish() })
    .nullish(),
  /** Under which id the mail server passed it on. */
  relayMessageId: text(500).nullish(),
  /** Distinguishes it from other e-mails with the same Message-ID. */
  digest: text(100).nullish(),
  /** The SHA-256 of the raw e-mail, by which it is found among the files of an export. */
  raw: digest.nullish(),
});

const failureOf = (message: Message) => {
  const { failureCode: code, failureReason: reason, failureIsPermanent: isPermanent } = message;
  if (code === null) return null;
  return { code, reason: reason ?? '', isPermanent: isPermanent ?? false, recipient: message.failureRecipient };
};

const { version, createdAt } = importedHistory;

export const messageRecord = defineRecord<Message, FiledMessage, ShownMessage>('Message')
  .fields({
    id: { rule: importedId('Message').nullish(), entity: false },
    /** When it is left out and there is no id: `<externalId of the conversation>:<position in it>`. */
    externalId: { rule: key(255).nullish() },
    conversationId: { file: false },
    direction: { rule: z.enum(MessageDirection) },
    isInternal: { of: 'internal', rule: z.boolean().nullish() },
    /** The author; null when unknown. When left out: the team for outbound messages, the customer for inbound ones. */
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
    textWithoutQuote: { of: [], file: false, entity: (message) => textWithoutQuote(message.text) },
    preview: { file: false },
    /** When left out: RECEIVED for inbound messages, SENT for others. */
    status: { rule: z.enum(MessageStatus).nullish() },
    sentAt: { rule: importedTime },
    createdAt,
    /** When the note was changed. */
    editedAt: { rule: importedTime.nullish() },
    version,
    email: {
      of: ['rawDigest', 'relayMessageId'],
      rule: importedEmail.nullish(),
      file: (message) =>
        message.emailMessageId === null
          ? undefined
          : {
              messageId: message.emailMessageId,
              deliveredAt: message.deliveredAt,
              attempts: message.sendAttempts,
              failure: failureOf(message),
              digest: message.emailDigest,
              ...(message.relayMessageId !== null && { relayMessageId: message.relayMessageId }),
              ...(message.rawDigest !== null && { raw: message.rawDigest }),
            },
      entity: false,
    },
    emailMessageId: { file: false },
    participants: {
      of: ['participants', 'emailDigest'],
      rule: importedParticipants.nullish(),
      file: ({ participants }) => (participants === null ? undefined : filedParticipants(participants)),
      entity: false,
    },
    from: { of: [], file: false, entity: ({ participants }) => participantsOf(participants).from },
    to: { of: [], file: false, entity: ({ participants }) => participantsOf(participants).to },
    cc: { of: [], file: false, entity: ({ participants }) => participantsOf(participants).cc },
    bcc: { of: [], file: false, entity: ({ participants }) => participantsOf(participants).bcc },
    replyTo: { of: [], file: false, entity: ({ participants }) => participantsOf(participants).replyTo },
    isAutomatic: { rule: z.boolean().nullish(), file: ({ isAutomatic }) => isAutomatic || undefined },
    isTruncated: { rule: z.boolean().nullish(), file: ({ isTruncated }) => isTruncated || undefined },
    authentication: {
      of: ['spf', 'dkim', 'dmarc'],
      rule: importedAuthentication.nullish(),
      file: (message) => authenticationOf(message) ?? undefined,
      entity: authenticationOf,
    },
    deliveredAt: { file: false },
    sendAttempts: { file: false },
    failure: {
      of: ['failureCode', 'failureReason', 'failureIsPermanent', 'failureRecipient'],
      file: false,
      entity: failureOf,
    },
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
  ({ direction, isInternal, agent, status, editedAt, text: said, html, attachments, email: mail }, context) => {
    const inbound = direction === 'INBOUND';
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    // A message may consist of its HTML or its files.
    const saysElse = mail != null || (html ?? '').trim() !== '' || (attachments ?? []).length > 0;
    if (said.trim() === '' && !saysElse) issue('text', 'Must not be empty.');
    if (inbound && isInternal) issue('isInternal', 'An inbound message cannot be an internal note.');
    if (!isInternal && editedAt != null) issue('editedAt', 'Only internal notes can be edited.');
    if (inbound && agent != null) issue('agent', 'No agent writes an inbound message.');
    if (status != null && (status === 'RECEIVED') !== inbound) {
      issue('status', 'RECEIVED is the status of inbound messages, and only theirs.');
    }
  },
);
