import { z } from 'zod';
import { MessageDirection } from '../../../generated/prisma/client.js';
import { isMailAddress } from '../../../lib/text/email.js';
import { id, ifVersion, key, list, name, text } from '../../../lib/values/validation.js';
import {
  attachmentIdsInput,
  attachmentsInput,
  hasFewAttachments,
  tooManyAttachments,
} from '../attachment/attachment.input.js';

export const maxMessageLength = 100_000;
const maxHtmlLength = 4 * maxMessageLength;
const aboutHtml = `The text as HTML, at most ${maxHtmlLength.toLocaleString('en')} characters`;

/** The content of a message; shared by all inputs that contain a message. */
export const messageContent = z.object({
  text: text(maxMessageLength)
    .refine((value) => value.trim() !== '', 'Must not be empty.')
    .describe(`The text of the message, at most ${maxMessageLength.toLocaleString('en')} characters.`),
  html: text(maxHtmlLength).nullish().describe(`${aboutHtml}.`),
});

const maxRecipients = 50;
const recipients = list(
  text(320).refine(isMailAddress, 'Must be an e-mail address.'),
  maxRecipients,
  `A message has at most ${maxRecipients} recipients of a kind.`,
).nullish();

export const addMessageInput = messageContent
  .extend({
    conversationId: id.describe('The conversation.'),
    direction: z
      .enum(MessageDirection)
      .nullish()
      .transform((value) => value ?? 'OUTBOUND')
      .describe('The direction; OUTBOUND if omitted.'),
    isInternal: z
      .boolean()
      .nullish()
      .transform((value) => value ?? false)
      .describe('True for a note that only agents see; false if omitted.'),
    agentId: id.nullish().describe('The agent who wrote the message; the agent of the API key if omitted.'),
    authorName: name(255)
      .nullish()
      .describe('The name to show as author; the name of the agent or contact if omitted.'),
    externalId: key(255)
      .nullish()
      .describe(
        'The id of the message in another system. If the conversation has a message with this id, no other is added.',
      ),
    sentAt: z
      .date()
      .nullish()
      .describe(
        'When the message was sent; now if omitted. A message with this time was sent by another system and is not sent by e-mail.',
      ),
    to: recipients.describe(
      'The addresses to send it to. If omitted: the author of the latest inbound message, at its Reply-To address if it has one.',
    ),
    cc: recipients.describe('The addresses in Cc. If omitted: the contact, if somebody else wrote the latest message.'),
    bcc: recipients.describe('The addresses in Bcc, which the other recipients do not see.'),
    attachments: attachmentsInput,
    attachmentIds: attachmentIdsInput,
    ifVersion: ifVersion('conversation'),
  })
  .refine(hasFewAttachments, tooManyAttachments)
  .refine((input) => !(input.isInternal && input.direction === 'INBOUND'), {
    path: ['isInternal'],
    message: 'An inbound message cannot be an internal note.',
  })
  .refine(
    ({ isInternal, direction, to, cc, bcc }) =>
      (!isInternal && direction === 'OUTBOUND') || (to == null && cc == null && bcc == null),
    { path: ['to'], message: 'Only an outbound message is sent to somebody.' },
  );

export const resendMessageInput = z.object({ id: id.describe('The message, whose status is FAILED.') });

export const editNoteInput = messageContent.extend({
  id: id.describe('The internal note.'),
  html: messageContent.shape.html.describe(`${aboutHtml}; if omitted, the note has no HTML any more.`),
  ifVersion: ifVersion('note'),
});

export type AddMessageInput = z.input<typeof addMessageInput>;
export type EditNoteInput = z.input<typeof editNoteInput>;
export type ResendMessageInput = z.input<typeof resendMessageInput>;
