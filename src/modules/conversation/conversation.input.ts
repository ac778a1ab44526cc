import { z } from 'zod';
import { ConversationPriority, ConversationSource, ConversationStatus } from '../../generated/prisma/client.js';
import { aboutTags, tags } from '../../lib/values/tags.js';
import { email, id, ifVersion, inputMeta, key, maxNotes, name, notes, notNull } from '../../lib/values/validation.js';
import { metadata } from '../customer/customer.input.js';
import { maxMetadataBytes } from '../customer/customer.metadata.js';
import {
  attachmentIdsInput,
  attachmentsInput,
  hasFewAttachments,
  tooManyAttachments,
} from './attachment/attachment.input.js';
import { messageContent } from './message/message.input.js';

const maxSubject = 500;
const subject = name(maxSubject).nullish();
const aboutNotes = `What the team notes about the conversation, at most ${maxNotes} characters; not sent to anybody`;
const aboutMetadata = `Data of your programs about the conversation, at most ${maxMetadataBytes / 1024} KiB`;
const aboutSubject = `The subject line, at most ${maxSubject} characters`;
const one = { id: id.describe('The conversation.') };
const oneVersion = { ...one, ifVersion: ifVersion('conversation') };

export const startConversationInput = messageContent
  .extend({
    contactId: id.nullish().describe('The contact. Exactly one of contactId and email is required, or a name alone.'),
    email: email
      .nullish()
      .describe('The e-mail address of the contact. The contact is created if nobody has this address.'),
    name: name(255)
      .nullish()
      .describe('The name of a contact that is created. Without contactId and email, the contact has nothing else.'),
    subject: subject.describe(`${aboutSubject}.`),
    notes: notes.nullish().describe(`${aboutNotes}.`),
    metadata: metadata.nullish().describe(`${aboutMetadata}; none if omitted.`),
    priority: z.enum(ConversationPriority).nullish().describe('How urgent the conversation is; NORMAL if omitted.'),
    tags: tags.nullish().describe(`The tags: ${aboutTags}; none if omitted.`),
    channelId: id
      .nullish()
      .describe(
        'The channel. If omitted, an outbound conversation by e-mail uses the oldest e-mail channel with an address, which is created if there is none; any other conversation has no channel.',
      ),
    source: z
      .enum(ConversationSource)
      .nullish()
      .describe('The way in which the conversation began; that of the channel if omitted, EMAIL without a channel.'),
    direction: z
      .enum(['INBOUND', 'OUTBOUND'])
      .register(inputMeta, { type: 'StartDirection' })
      .nullish()
      .transform((value) => value ?? 'OUTBOUND')
      .describe('Who writes the first message; OUTBOUND if omitted.'),
    assigneeId: id.nullish().describe('The agent to whom the conversation is assigned.'),
    externalId: key(255).nullish().describe('The id of the conversation in another system, unique in the workspace.'),
    attachments: attachmentsInput,
    attachmentIds: attachmentIdsInput,
  })
  .refine(hasFewAttachments, tooManyAttachments)
  .refine(
    ({ contactId, email, name }) => (contactId == null) !== (email == null) || (contactId == null && name != null),
    {
      path: ['email'],
      message: 'Exactly one of contactId and email, or a name alone, must say who the conversation is with.',
    },
  );

export const setConversationStatusInput = z.object({
  ...oneVersion,
  status: z.enum(ConversationStatus).describe('The new status.'),
});

export const assignConversationInput = z.object({
  ...oneVersion,
  assigneeId: id.nullish().describe('The new assignee; if null or omitted, the conversation becomes unassigned.'),
});

const until = z.date().refine((time) => time.getTime() > Date.now(), 'Must be in the future.');

export const updateConversationInput = z.object({
  ...oneVersion,
  assigneeId: id.nullish().describe('The assignee; null for nobody. Assigned before the status is set.'),
  status: notNull(z.enum(ConversationStatus)).describe('The status.'),
  snoozedUntil: until
    .nullish()
    .describe(
      'When a snooze of the open conversation ends, in the future; null ends a snooze. Done after the status is set.',
    ),
  subject: subject.describe(`${aboutSubject}; null removes it.`),
  notes: notes.nullish().describe(`${aboutNotes}; null removes it.`),
  metadata: notNull(metadata).describe(
    `${aboutMetadata}: merged into the stored metadata by top-level key; a null value removes its key.`,
  ),
  priority: notNull(z.enum(ConversationPriority)).describe('How urgent the conversation is.'),
  tags: notNull(tags).describe(`The complete list of tags, which replaces the stored one: ${aboutTags}.`),
  channelId: id.nullish().describe('The channel; null for none.'),
});

export const conversationTagsInput = z.object({ ...one, tags: tags.describe(`The tags: ${aboutTags}.`) });

export const snoozeConversationInput = z.object({
  ...oneVersion,
  until: until.describe('When the snooze ends; in the future.'),
});

export const deleteConversationInput = z.object(oneVersion);

export const unsnoozeConversationInput = z.object(oneVersion);

export const markConversationReadInput = z.object(one);
