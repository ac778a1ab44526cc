import { z } from 'zod';
import { TidySearchDocument } from '../../generated/documents/graphql.js';
import { text } from '../../lib/values/validation.js';
import { integer } from '../input.js';
import { defineRoute } from '../route.js';
import { accessInWorkspace, inbox, inWorkspace, workspaceId } from './common.js';
import { httpErrorOf, refusals } from './errors.js';
import { jane, named, nameOf } from './people.js';

/** The search of the Contacts API. */
export const searchRoute = defineRoute({
  tag: 'TidySupport Contacts',
  access: accessInWorkspace,
  refuse: httpErrorOf,
  authorise: inWorkspace,
  method: 'GET',
  path: `${inbox}/search`,
  id: 'searchInbox',
  summary: 'Searches contacts, conversations and messages.',
  scopes: ['customers:read', 'conversations:read'],
  pathParameters: z.object({ workspaceId }),
  queryParameters: z.object({
    q: text(1_000).describe('The words to search; each may be the beginning of a longer word.'),
    limit: integer('limit', 1, 50, 10).describe('The maximum number of results of each type.'),
  }),
  responses: [
    {
      status: 200,
      description: 'The results by type, the best match first.',
      schema: z.strictObject({
        results: z.strictObject({
          contacts: z.array(z.strictObject(named)),
          conversations: z.array(
            z.strictObject({ id: z.string(), subject: z.string().nullable(), lastMessagePreview: z.string() }),
          ),
          messages: z.array(z.strictObject({ id: z.string(), conversationId: z.string(), contentPreview: z.string() })),
        }),
      }),
      example: {
        results: {
          contacts: [jane],
          conversations: [
            {
              id: 'thd_xyz789',
              subject: 'Billing question',
              lastMessagePreview: 'Hi Jane, regarding your invoice...',
            },
          ],
          messages: [],
        },
      },
    },
    ...refusals({ 400: 'q is required.' }),
  ],
  document: TidySearchDocument,
  variables: ({ query: { q, limit } }) => ({ query: q, first: limit }),
  reply: ({ search: { contacts, conversations, messages } }) => ({
    status: 200,
    body: {
      results: {
        contacts: (contacts ?? []).map(({ node }) => nameOf(node)),
        conversations: (conversations ?? []).map(({ node }) => ({
          id: node.databaseId,
          subject: node.subject ?? null,
          lastMessagePreview: node.lastMessagePreview,
        })),
        messages: (messages ?? []).map(({ node }) => ({
          id: node.databaseId,
          conversationId: node.conversation.databaseId,
          contentPreview: node.preview,
        })),
      },
    },
  }),
});
