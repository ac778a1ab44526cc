import { z } from 'zod';
import {
  TidyAssignConversationDocument,
  TidyContactConversationsDocument,
  TidyConversationDocument,
  TidyConversationsDocument,
  TidySetConversationStatusDocument,
  TidyStartConversationDocument,
} from '../../generated/documents/graphql.js';
import { email, text } from '../../lib/values/validation.js';
import { nameOrNone } from '../input.js';
import { defineRoute, none, type Route } from '../route.js';
import {
  accessInWorkspace,
  agentId,
  contactIdInPath,
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
import { jane } from './people.js';
import {
  billing,
  billingListed,
  conversationStatus,
  conversationStatuses,
  listedOf,
  listedThread,
  sentMessage,
  threadOf,
  threadSchema,
} from './threads.js';

/** The Conversations API: the threads of the inbox. */

const common = {
  tag: 'TidySupport Conversations',
  access: accessInWorkspace,
  refuse: httpErrorOf,
  authorise: inWorkspace,
};

const invalidStatus = { 400: 'Invalid status. Must be one of: OPEN, CLOSED, ARCHIVED.' };
const notFound = { 404: 'Conversation not found.' };

export const conversationRoutes: readonly Route[] = [
  defineRoute({
    ...common,
    method: 'GET',
    path: `${inbox}/conversations`,
    id: 'listConversations',
    summary: 'Lists the conversations of the inbox, the latest message first.',
    pathParameters: z.object({ workspaceId }),
    queryParameters: z.object({
      status: conversationStatus
        .optional()
        .describe('Only conversations with this status; if omitted, all except archived ones.'),
      ...pageParameters,
    }),
    responses: [
      {
        status: 200,
        description: 'A page of conversations.',
        schema: z.strictObject({
          conversations: pageSchema(listedThread),
        }),
        example: {
          conversations: {
            items: [billingListed],
            cursor: 'eyJrIjoi…',
            hasMore: true,
          },
        },
      },
      ...refusals(invalidStatus),
    ],
    document: TidyConversationsDocument,
    variables: ({ query: { status, limit, cursor } }) => ({
      first: limit,
      after: cursor,
      filter: { status: status && { eq: status } },
    }),
    reply: ({ conversations }) => ({
      status: 200,
      body: {
        conversations: pageOf(conversations, listedOf),
      },
    }),
  }),

  defineRoute({
    ...common,
    method: 'GET',
    path: `${inbox}/conversations/{conversationId}`,
    id: 'getConversation',
    summary: 'Retrieves a conversation with the fields of the list. The path is inferred.',
    pathParameters: z.object({ workspaceId, conversationId: conversationIdInPath }),
    queryParameters: none,
    responses: [
      {
        status: 200,
        description: 'The conversation.',
        schema: z.strictObject({ conversation: listedThread }),
        example: { conversation: billingListed },
      },
      ...refusals(notFound),
    ],
    document: TidyConversationDocument,
    variables: ({ path }) => ({ id: path.conversationId }),
    reply: ({ conversation }) => ({
      status: 200,
      body: { conversation: listedOf(found(conversation, 'Conversation')) },
    }),
  }),

  defineRoute({
    ...common,
    method: 'POST',
    path: `${inbox}/conversations`,
    id: 'createConversation',
    summary: 'Starts an outbound conversation and sends its first message as an e-mail.',
    pathParameters: z.object({ workspaceId }),
    queryParameters: none,
    body: z.object({
      email,
      name: nameOrNone(255),
      subject: nameOrNone(500),
      contentText: text(100_000).refine((content) => content.trim() !== '', 'Must not be empty.'),
    }),
    bodyExample: {
      email: 'jane@example.com',
      name: 'Jane Doe',
      subject: 'Following up on your request',
      contentText: 'Hi Jane, I wanted to follow up on your recent support request...',
    },
    responses: [
      {
        status: 201,
        description: 'The conversation, its contact and its first message.',
        schema: z.strictObject({
          conversation: z.strictObject({ id: z.string() }),
          contact: z.strictObject({ id: z.string() }),
          message: sentMessage,
        }),
        example: {
          conversation: { id: 'thd_new123' },
          contact: { id: jane.id },
          message: { id: 'msg_abc456', contentPreview: 'Hi Jane, I wanted to follow up...', status: 'SENT' },
        },
      },
      ...refusals({ 400: 'Invalid email address format.' }, true),
    ],
    // Only the preview and the status after the message that the request has just written.
    shows: ['conversations:read'],
    document: TidyStartConversationDocument,
    variables: ({ body: { contentText, ...body } }) => ({
      input: { ...body, text: contentText, direction: 'OUTBOUND' as const },
    }),
    reply({ startConversation }) {
      const conversation = done(startConversation, 'conversation');
      const contact = done(startConversation, 'contact');
      const { databaseId, preview } = done(startConversation, 'message');
      return {
        status: 201,
        body: {
          conversation: { id: conversation.databaseId },
          contact: { id: contact.databaseId },
          message: { id: databaseId, contentPreview: preview, status: 'SENT' },
        },
      };
    },
  }),

  defineRoute({
    ...common,
    method: 'PUT',
    path: `${inbox}/conversations/{conversationId}/status`,
    id: 'setConversationStatus',
    summary: 'Updates the status of a conversation.',
    pathParameters: z.object({ workspaceId, conversationId: conversationIdInPath }),
    queryParameters: none,
    body: z.object({ status: conversationStatus }),
    bodyExample: { status: 'CLOSED' },
    responses: [
      {
        status: 200,
        description: 'The conversation with its status.',
        schema: z.strictObject({ conversation: z.strictObject({ id: z.string(), status: conversationStatus }) }),
        example: { conversation: { id: 'thd_xyz789', status: 'CLOSED' } },
      },
      ...refusals({ ...notFound, ...invalidStatus }, true),
    ],
    // Only the status that the request has just set.
    shows: ['conversations:read'],
    document: TidySetConversationStatusDocument,
    variables: ({ path, body }) => ({ input: { id: path.conversationId, status: body.status } }),
    reply({ setConversationStatus }) {
      const { databaseId, status } = done(setConversationStatus, 'conversation');
      return { status: 200, body: { conversation: { id: databaseId, status } } };
    },
  }),

  defineRoute({
    ...common,
    method: 'PUT',
    path: `${inbox}/conversations/{conversationId}/assign`,
    id: 'assignConversation',
    summary: 'Assigns a conversation to an agent, or unassigns it.',
    pathParameters: z.object({ workspaceId, conversationId: conversationIdInPath }),
    queryParameters: none,
    body: z.object({
      agentId: agentId.nullable().describe('The agent; null to unassign.'),
    }),
    bodyExample: { agentId: 'agt_abc123' },
    responses: [
      {
        status: 200,
        description: 'The conversation with its assignee.',
        schema: z.strictObject({
          conversation: z.strictObject({ id: z.string(), assignedToAgentId: z.string().nullable() }),
        }),
        example: { conversation: { id: 'thd_xyz789', assignedToAgentId: 'agt_abc123' } },
      },
      ...refusals({ ...notFound, 400: 'agentId is required.' }, true),
    ],
    // Only the agent that the request has just set.
    shows: ['conversations:read'],
    document: TidyAssignConversationDocument,
    variables: ({ path, body }) => ({ input: { id: path.conversationId, assigneeId: body.agentId } }),
    reply({ assignConversation }) {
      const { databaseId, assignee } = done(assignConversation, 'conversation');
      return {
        status: 200,
        body: { conversation: { id: databaseId, assignedToAgentId: assignee?.databaseId ?? null } },
      };
    },
  }),

  defineRoute({
    ...common,
    method: 'GET',
    path: `${inbox}/customers/{contactId}/conversations`,
    id: 'listContactConversations',
    summary: 'Lists all conversations of a contact, including archived ones, the latest message first.',
    pathParameters: z.object({ workspaceId, contactId: contactIdInPath }),
    queryParameters: z.object(pageParameters),
    responses: [
      {
        status: 200,
        description: 'A page of the conversations.',
        schema: z.strictObject({ conversations: pageSchema(threadSchema) }),
        example: {
          conversations: {
            items: [
              { ...billing, lastMessagePreview: 'Hi, I have a question...' },
              {
                id: 'thd_abc456',
                status: 'CLOSED',
                source: 'CHAT',
                subject: null,
                lastMessageAt: '2025-03-10T09:15:00Z',
                lastMessagePreview: 'Thanks for your help!',
                assignedToId: null,
              },
            ],
            cursor: null,
            hasMore: false,
          },
        },
      },
      ...refusals({ 404: 'Contact not found.' }),
    ],
    document: TidyContactConversationsDocument,
    variables: ({ path, query: { limit, cursor } }) => ({
      id: path.contactId,
      first: limit,
      after: cursor,
      filter: { status: { in: [...conversationStatuses] } },
    }),
    reply: ({ contact }) => ({
      status: 200,
      body: { conversations: pageOf(found(contact, 'Contact').conversations, threadOf) },
    }),
  }),
];
