import { z } from 'zod';
import { CstarAddMessageDocument, CstarTicketMessagesDocument } from '../../generated/documents/graphql.js';
import { text } from '../../lib/values/validation.js';
import { HttpError } from '../http-error.js';
import { integer, oneOf } from '../input.js';
import { defineRoute, none, type Route } from '../route.js';
import { answer, answerSpec, common, teamPath } from './common.js';
import { refusals, wordsOf } from './errors.js';
import { messageOf, messageSchema, oneTicket, reply, ticketNotFound } from './ticket.js';

/** The messages of a ticket. */

const { done, httpErrorOf } = wordsOf('ticketId');
const ofMessages = {
  ...common,
  refuse: httpErrorOf,
  tag: 'cStar Tickets',
  path: `${teamPath}/tickets/{ticketId}/messages`,
  pathParameters: oneTicket,
};

const directions = { agent: 'OUTBOUND', customer: 'INBOUND' } as const;

export const ticketMessageRoutes: readonly Route[] = [
  defineRoute({
    ...ofMessages,
    method: 'GET',
    id: 'cstarListTicketMessages',
    summary: 'Lists the messages of a ticket, the oldest first.',
    access: `${common.access} The limit of 100 messages is inferred.`,
    queryParameters: z.object({ limit: integer('limit', 1, 100, 100).describe('The maximum number of messages.') }),
    responses: [answerSpec('The messages.', z.array(messageSchema), [reply]), ...refusals(ticketNotFound)],
    document: CstarTicketMessagesDocument,
    variables: ({ path: { ticketId }, query: { limit } }) => ({ id: ticketId, first: limit }),
    reply({ conversation }) {
      if (!conversation) throw new HttpError(404, ticketNotFound[404].message, {}, { param: 'ticketId' });
      return answer(conversation.messages.nodes.map(messageOf));
    },
  }),

  defineRoute({
    ...ofMessages,
    method: 'POST',
    id: 'cstarAddTicketMessage',
    summary: 'Adds a message to a ticket: a reply, which is sent, or a message that the customer wrote.',
    access: `${common.access} isInternal is inferred.`,
    queryParameters: none,
    body: z.object({
      content: text(100_000).refine((content) => content.trim() !== '', 'Must not be empty.'),
      sender: oneOf('sender', ['agent', 'customer']).default('agent'),
      isInternal: z.boolean().optional().describe('Whether it is an internal note, which only the team sees.'),
    }),
    bodyExample: { content: "Hi! We've reset your password.", sender: 'agent' },
    responses: [
      answerSpec('The message.', messageSchema, reply, 201),
      ...refusals({ ...ticketNotFound, 400: { message: 'content is required.', param: 'content' } }, true),
    ],
    shows: ['conversations:read'],
    document: CstarAddMessageDocument,
    variables: ({ path: { ticketId }, body: { content, sender, isInternal } }) => ({
      input: { conversationId: ticketId, text: content, direction: directions[sender], isInternal },
    }),
    reply: ({ addMessage }) => answer(messageOf(done(addMessage, 'message')), 201),
  }),
];
