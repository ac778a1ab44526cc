import { z } from 'zod';
import type { TidyListedThreadFragment, TidyThreadFragment } from '../../generated/documents/graphql.js';
import { oneOf } from '../input.js';

import { time, timeSchema } from '../time.js';
import { jane, named, nameOf } from './people.js';

/** The schemas of conversations. */

export const conversationStatuses = ['OPEN', 'CLOSED', 'ARCHIVED'] as const;
export const conversationStatus = oneOf('status', conversationStatuses);
export const conversationSource = z.enum(['EMAIL', 'CHAT', 'FORM', 'API']);

/** The fields of a conversation in every list. */
const thread = {
  id: z.string().describe('Begins with "thd_".'),
  status: conversationStatus,
  source: conversationSource,
  subject: z.string().nullable(),
  lastMessageAt: timeSchema,
  lastMessagePreview: z.string(),
  assignedToId: z.string().nullable(),
};

export const threadSchema = z.strictObject(thread).meta({ id: 'TidySupportThread' });

export const threadOf = ({ databaseId, status, source, subject, ...conversation }: TidyThreadFragment) => ({
  id: databaseId,
  status,
  source,
  subject: subject ?? null,
  lastMessageAt: time(conversation.lastMessageAt),
  lastMessagePreview: conversation.lastMessagePreview,
  assignedToId: conversation.assignee?.databaseId ?? null,
});

/** A conversation in the list of the inbox, and as a single resource. */
export const listedThread = z
  .strictObject({
    ...thread,
    isUnread: z.boolean(),
    channelId: z.string().nullable(),
    contact: z.strictObject({ ...named, avatarUrl: z.string().nullable() }),
  })
  .meta({ id: 'TidySupportConversation' });

export function listedOf(conversation: TidyListedThreadFragment) {
  const { lastMessageAt, lastMessagePreview, assignedToId, ...shown } = threadOf(conversation);
  const { contact, isUnread, channel } = conversation;
  return {
    ...shown,
    isUnread,
    lastMessageAt,
    lastMessagePreview,
    assignedToId,
    channelId: channel?.databaseId ?? null,
    contact: { ...nameOf(contact), avatarUrl: contact.avatarUrl ?? null },
  };
}

/** The response to sending a message. */
export const sentMessage = z
  .strictObject({
    id: z.string(),
    contentPreview: z.string(),
    status: z.literal('SENT').describe('SENT even while the e-mail waits for the mail server.'),
  })
  .meta({ id: 'TidySupportSentMessage' });

/** The example conversation of the vendor's document. */
export const billing = {
  id: 'thd_xyz789',
  status: 'OPEN',
  source: 'EMAIL',
  subject: 'Billing question',
  lastMessageAt: '2025-03-12T14:30:00Z',
  lastMessagePreview: 'Hi, I have a question about my invoice...',
  assignedToId: 'agt_abc123',
};

export const billingListed = {
  ...billing,
  isUnread: true,
  channelId: 'chn_def456',
  contact: { ...jane, avatarUrl: null },
};
