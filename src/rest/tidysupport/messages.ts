import { z } from 'zod';
import {
  TidyAddMessageDocument,
  type TidyMessageFragment,
  TidyMessagesDocument,
} from '../../generated/documents/graphql.js';
import { text } from '../../lib/values/validation.js';
import { integer } from '../input.js';
import { defineRoute, none, type Route } from '../route.js';
import { time, timeSchema } from '../time.js';
import {
  accessInWorkspace,
  agentId,
  conversationIdInPath,
  found,
  inbox,
  inWorkspace,
  pageOf,
  pageParameters,
  pageSchema,
  workspaceId,
} from './common.js';
import { done, httpErrorOf, refusals } from './errors.js';
import { jane, named, nameOf } from './people.js';
import { conversationSource, conversationStatus, sentMessage } from './threads.js';

/** The Messages API: the messages of a thread of the inbox. */

const common = {
  tag: 'TidySupport Messages',
  access: accessInWorkspace,
  refuse: httpErrorOf,
  authorise: inWorkspace,
  path: `${inbox}/conversations/{conversationId}/messages`,
  pathParameters: z.object({ workspaceId, conversationId: conversationIdInPath }),
};

const senders = { INBOUND: 'CUSTOMER', OUTBOUND: 'AGENT', SYSTEM: 'SYSTEM' } as const;

const attachmentSchema = z
  .strictObject({
    id: z.string(),
    fileName: z.string(),
    contentType: z.string().nullable(),
    sizeBytes: z.int().nullable(),
    url: z.string().nullable(),
  })
  .meta({ id: 'TidySupportAttachment' });

const messageSchema = z
  .strictObject({
    id: z.string().describe('Begins with "msg_".'),
    direction: z.enum(['INBOUND', 'OUTBOUND', 'SYSTEM']),
    senderType: z.enum(['CUSTOMER', 'AGENT', 'SYSTEM']),
    isInternal: z.boolean().describe('Whether it is an internal note, which only the team sees.'),
    contentText: z.string(),
    contentHtml: z.string().nullable().describe('Sanitised HTML; null when there is none.'),
    contentPreview: z.string(),
    status: z
      .enum(['SENT', 'FAILED'])
      .describe('SENT also for inbound messages, and while an e-mail waits for the mail server.'),
    attachments: z.array(attachmentSchema),
    agentId: z.string().nullable(),
    createdAt: timeSchema,
    sentAt: timeSchema,
  })
  .meta({ id: 'TidySupportMessage' });

const messageOf = ({ direction, author, attachments, ...message }: TidyMessageFragment) => ({
  id: message.databaseId,
  direction,
  senderType: senders[direction],
  isInternal: message.isInternal,
  contentText: message.text,
  contentHtml: message.html ?? null,
  contentPreview: message.preview,
  status: message.status === 'FAILED' ? 'FAILED' : 'SENT',
  attachments: attachments.map(({ databaseId, fileName, contentType = null, sizeBytes = null, url = null }) => ({
    id: databaseId,
    fileName,
    contentType,
    sizeBytes,
    url,
  })),
  agentId: author.agent?.databaseId ?? null,
  createdAt: time(message.createdAt),
  sentAt: time(message.sentAt),
});

const asked = {
  id: 'msg_001',
  direction: 'INBOUND',
  senderType: 'CUSTOMER',
  isInternal: false,
  contentText: 'Hi, I have a question about my March invoice...',
  contentHtml: '<p>Hi, I have a question about my March invoice...</p>',
  contentPreview: 'Hi, I have a question about my March invoice...',
  status: 'SENT',
  attachments: [],
  agentId: null,
  createdAt: '2025-03-12T14:00:00Z',
  sentAt: '2025-03-12T14:00:00Z',
};
const notFound = { 404: 'Conversation not found.' };

export const messageRoutes: readonly Route[] = [
  defineRoute({
    ...common,
    method: 'GET',
    id: 'listMessages',
    summary: 'Retrieves a conversation with its messages, the oldest first.',
    access: `${accessInWorkspace} Paging by cursor, as in other lists, is inferred.`,
    queryParameters: z.object({
      ...pageParameters,
      limit: integer('limit', 1, 100, 50).describe('The maximum number of messages on a page.'),
    }),
    responses: [
      {
        status: 200,
        description: 'The conversation, its contact, its channel and a page of its messages.',
        schema: z.strictObject({
          thread: z.strictObject({
            conversation: z.strictObject({
              id: z.string(),
              status: conversationStatus,
              source: conversationSource,
              subject: z.string().nullable(),
              summary: z.null().describe('Always null: conversations are not summarised.'),
            }),
            contact: z.strictObject(named),
            channel: z.strictObject({ id: z.string(), name: z.string(), email: z.string().nullable() }).nullable(),
            messages: pageSchema(messageSchema),
          }),
        }),
        example: {
          thread: {
            conversation: {
              id: 'thd_xyz789',
              status: 'OPEN',
              source: 'EMAIL',
              subject: 'Billing question',
              summary: null,
            },
            contact: jane,
            channel: { id: 'chn_def456', name: 'Support', email: 'support@yourcompany.com' },
            messages: { items: [asked], cursor: null, hasMore: false },
          },
        },
      },
      ...refusals(notFound),
    ],
    document: TidyMessagesDocument,
    variables: ({ path, query: { limit, cursor } }) => ({ id: path.conversationId, first: limit, after: cursor }),
    reply(data) {
      const { databaseId: id, status, source, subject = null, ...thread } = found(data.conversation, 'Conversation');
      const { contact, channel, messages } = thread;
      return {
        status: 200,
        body: {
          thread: {
            conversation: { id, status, source, subject, summary: null },
            contact: nameOf(contact),
            channel: channel ? { id: channel.databaseId, name: channel.name, email: channel.address ?? null } : null,
            messages: pageOf(messages, messageOf),
          },
        },
      };
    },
  }),

  defineRoute({
    ...common,
    method: 'POST',
    id: 'createMessage',
    summary: 'Replies to the contact of a conversation, or adds an internal note.',
    access: `${accessInWorkspace} The names of the fields of a note, its agent and its HTML are inferred.`,
    queryParameters: none,
    body: z.object({
      contentText: text(100_000).refine((content) => content.trim() !== '', 'Must not be empty.'),
      contentHtml: text(400_000).nullish().describe('The text as HTML.'),
      isInternal: z.boolean().optional().describe('Whether it is an internal note; false if omitted.'),
      agentId: agentId.nullish().describe('The agent who wrote it; the agent of the key if omitted.'),
    }),
    bodyExample: { contentText: "Hi Jane! I'd be happy to help with your invoice..." },
    responses: [
      {
        status: 201,
        description: 'The message.',
        schema: z.strictObject({ message: sentMessage }),
        example: {
          message: {
            id: 'msg_002',
            contentPreview: "Hi Jane! I'd be happy to help with your invoice...",
            status: 'SENT',
          },
        },
      },
      ...refusals({ ...notFound, 400: 'contentText is required.' }, true),
    ],
    // Only the preview after the message that the request has just written.
    shows: ['conversations:read'],
    document: TidyAddMessageDocument,
    variables: ({ path, body: { contentText, contentHtml, ...body } }) => ({
      input: { ...body, conversationId: path.conversationId, text: contentText, html: contentHtml },
    }),
    reply({ addMessage }) {
      const { databaseId, preview } = done(addMessage, 'message');
      return { status: 201, body: { message: { id: databaseId, contentPreview: preview, status: 'SENT' } } };
    },
  }),
];
