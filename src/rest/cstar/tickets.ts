import { z } from 'zod';
import {
  type ConversationFilter,
  CstarCreateTicketDocument,
  CstarDeleteTicketDocument,
  CstarTicketDocument,
  CstarTicketsDocument,
  CstarUpdateTicketDocument,
} from '../../generated/documents/graphql.js';
import { email, list, name, notes, text } from '../../lib/values/validation.js';
import { HttpError } from '../http-error.js';
import { idOrUuid, integer, keyed, nameOrNone } from '../input.js';
import { offsetOf, pageNumber } from '../paging.js';
import { defineRoute, none, type Route } from '../route.js';
import { answer, answerSpec, common, pageAnswer, pageSpec, team, teamPath } from './common.js';
import { refusals, wordsOf } from './errors.js';
import {
  billing,
  customerSummary,
  messageOf,
  messageSchema,
  oneTicket,
  priorities,
  priority,
  reply,
  type TicketStatus,
  ticketFields,
  ticketIdOf,
  ticketNotFound,
  ticketOf,
  ticketStatus,
  ticketWithCustomerOf,
} from './ticket.js';

/** The Tickets API of cStar: the conversations of the team. */

const { done, httpErrorOf } = wordsOf('ticketId');
const ofTickets = { ...common, refuse: httpErrorOf, tag: 'cStar Tickets' };
const path = `${teamPath}/tickets`;

const ticketSchema = z.strictObject(ticketFields).meta({ id: 'CstarTicket' });
const listedTicket = z
  .strictObject({ ...ticketFields, customer: customerSummary.optional().describe('Only with expand=customer.') })
  .meta({ id: 'CstarListedTicket' });
const ticketWithMessages = z
  .strictObject({ ...ticketFields, messages: z.array(messageSchema) })
  .meta({ id: 'CstarTicketWithMessages' });
const agentId = z.string().regex(/^agt_[A-Za-z0-9_-]{1,120}$/, 'Must be the ID of an agent.');
const customerId = idOrUuid({ ofGraph: 'ctc', prefix: 'cus' }, 'Must be the ID of a customer.');
const tags = list(name(64), 50, 'Must have at most 50 entries.');

/** The filter for conversations with a ticket status. */
const having: Record<TicketStatus, ConversationFilter> = {
  new: { status: { eq: 'OPEN' }, isSnoozed: false, firstResponseAt: { isNull: true } },
  open: { status: { eq: 'OPEN' }, isSnoozed: false, firstResponseAt: { isNull: false } },
  pending: { status: { eq: 'OPEN' }, isSnoozed: true },
  resolved: { status: { eq: 'CLOSED' } },
  closed: { status: { eq: 'ARCHIVED' } },
};
const any: ConversationFilter = { status: { in: ['OPEN', 'CLOSED', 'ARCHIVED'] } };

const stored = { new: 'OPEN', open: 'OPEN', pending: 'OPEN', resolved: 'CLOSED', closed: 'ARCHIVED' } as const;

/** How long a ticket stays pending. It returns earlier when the customer writes. */
const pendingMs = 30 * 24 * 3_600_000;

/** The snooze to set for a status. Closing a conversation ends its snooze anyway. */
function snoozeOf(status: TicketStatus): string | null | undefined {
  if (status === 'pending') return new Date(Date.now() + pendingMs).toISOString();
  return stored[status] === 'OPEN' ? null : undefined;
}

const answerOne = (description: string, example: object = billing, status = 200) =>
  answerSpec(description, ticketSchema, example, status);

export const ticketRoutes: readonly Route[] = [
  defineRoute({
    ...ofTickets,
    method: 'GET',
    path,
    id: 'cstarListTickets',
    summary: 'Lists the tickets of the team, the newest first.',
    access: `${common.access} The response to expand=customer is inferred.`,
    pathParameters: z.object(team),
    queryParameters: z.object({
      page: pageNumber,
      pageSize: integer('pageSize', 1, 100, 20).describe('The maximum number of tickets on a page.'),
      status: ticketStatus.optional(),
      priority: priority.optional(),
      assignedTo: agentId.optional().describe('Only tickets assigned to this agent.'),
      customerId: customerId.optional().describe('Only tickets of this customer.'),
      tag: name(64).optional().describe('Only tickets with exactly this tag.'),
      search: text(1_000)
        .optional()
        .describe('Words of the title, or words that identify the customer, such as a name or an e-mail address.'),
      expand: z
        .string()
        .regex(/^ *customer *(, *customer *)*$/, 'Invalid expand. Must be one of: customer.')
        .optional()
        .describe('"customer" adds the customer to each ticket.'),
    }),
    responses: [
      pageSpec('A page of tickets.', listedTicket, billing, 42),
      ...refusals({
        400: { message: 'Invalid status. Must be one of: new, open, pending, resolved, closed.', param: 'status' },
      }),
    ],
    document: CstarTicketsDocument,
    variables: ({ query: { page, pageSize, status, priority, assignedTo, customerId, tag, search } }) => ({
      first: pageSize,
      offset: offsetOf(page, pageSize),
      filter: {
        ...(status ? having[status] : any),
        priority: priority && { eq: priorities[priority] },
        assigneeId: assignedTo === undefined ? undefined : { eq: assignedTo },
        customerId: customerId === undefined ? undefined : { eq: customerId },
        tags: tag === undefined ? undefined : { hasAll: [tag] },
        query: search?.trim() || undefined,
      },
    }),
    reply: ({ conversations: { nodes, totalCount } }, _session, { query: { page, pageSize, expand } }) =>
      pageAnswer(nodes.map(expand === undefined ? ticketOf : ticketWithCustomerOf), {
        page,
        pageSize,
        total: totalCount,
      }),
  }),

  defineRoute({
    ...ofTickets,
    method: 'POST',
    path,
    id: 'cstarCreateTicket',
    summary: 'Creates a ticket with a first message from the customer.',
    access: `${common.access} Without initialMessage, the title is the first message. customerEmail is inferred.`,
    pathParameters: z.object(team),
    queryParameters: none,
    body: z
      .object({
        title: name(500),
        customerId: customerId.nullish(),
        customerEmail: email
          .nullish()
          .describe(
            'The e-mail address of the customer, instead of customerId. The customer is created if nobody has this address.',
          ),
        customerName: nameOrNone(255).describe(
          'The name for a new customer. Without customerId and customerEmail, a customer without an address is created.',
        ),
        priority: priority.optional(),
        tags: tags.optional(),
        notes: notes.nullish(),
        metadata: keyed.optional().describe('Your own data about the ticket.'),
        initialMessage: text(100_000).optional(),
      })
      .refine(
        ({ customerId: id, customerEmail: address, customerName }) =>
          (id == null) !== (address == null) || (id == null && customerName != null),
        {
          path: ['customerId'],
          message: 'Exactly one of customerId and customerEmail is required, or customerName alone.',
        },
      ),
    bodyExample: {
      title: 'Cannot access dashboard',
      customerEmail: 'jane@example.com',
      priority: 'high',
      tags: ['login', 'dashboard'],
      initialMessage: 'I keep getting a 403 error when trying to log in.',
    },
    responses: [
      answerOne('The ticket.', { ...billing, status: 'new', firstResponseAt: null }, 201),
      ...refusals({ 400: { message: 'title is required.', param: 'title', isMissing: true } }, true),
    ],
    shows: ['conversations:read', 'customers:read'],
    document: CstarCreateTicketDocument,
    variables: ({
      body: { title, customerId, customerEmail, customerName, priority, tags, notes: noted, metadata, initialMessage },
    }) => ({
      input: {
        subject: title,
        contactId: customerId,
        email: customerEmail,
        name: customerName,
        priority: priority && priorities[priority],
        tags,
        notes: noted,
        metadata,
        text: initialMessage?.trim() ? initialMessage : title,
        direction: 'INBOUND' as const,
        source: 'API' as const,
      },
    }),
    reply: ({ startConversation }) => answer(ticketOf(done(startConversation, 'conversation')), 201),
  }),

  defineRoute({
    ...ofTickets,
    method: 'GET',
    path: `${path}/{ticketId}`,
    id: 'cstarGetTicket',
    summary: 'Retrieves a ticket with its latest 100 messages, the oldest first.',
    pathParameters: oneTicket,
    queryParameters: none,
    responses: [
      answerSpec('The ticket.', ticketWithMessages, {
        ...billing,
        messages: [reply],
      }),
      ...refusals(ticketNotFound),
    ],
    document: CstarTicketDocument,
    variables: ({ path: { ticketId } }) => ({ id: ticketId }),
    reply({ conversation }) {
      if (!conversation) throw new HttpError(404, ticketNotFound[404].message, {}, { param: 'ticketId' });
      const { latest, ...ticket } = conversation;
      return answer({ ...ticketOf(ticket), messages: latest.nodes.map(messageOf) });
    },
  }),

  defineRoute({
    ...ofTickets,
    method: 'PATCH',
    path: `${path}/{ticketId}`,
    id: 'cstarUpdateTicket',
    summary: 'Updates the given fields of a ticket.',
    access: `${common.access} A pending ticket becomes open again when its customer writes, or after 30 days.`,
    pathParameters: oneTicket,
    queryParameters: none,
    body: z
      .object({
        title: nameOrNone(500).describe('The title; null or an empty text removes it.'),
        status: ticketStatus,
        priority,
        assignedTo: agentId.nullable().describe('The agent; null to unassign.'),
        tags: tags.describe('The complete list of tags, which replaces the stored one.'),
        notes: notes.nullable().describe('Notes of the team; null removes them.'),
        metadata: keyed.describe('Merged at the top level; null removes a key.'),
      })
      .partial(),
    bodyExample: { status: 'resolved', tags: ['auth', 'login', 'resolved'] },
    responses: [answerOne('The ticket as it is now.'), ...refusals(ticketNotFound, true)],
    shows: ['conversations:read', 'customers:read'],
    document: CstarUpdateTicketDocument,
    readsClock: true,
    variables: ({
      path: { ticketId: id },
      body: { title, status, priority, assignedTo, tags, notes: noted, metadata },
    }) => ({
      input: {
        ...{
          id,
          subject: title,
          priority: priority && priorities[priority],
          tags,
          notes: noted,
          metadata,
          assigneeId: assignedTo,
        },
        ...(status && { status: stored[status], snoozedUntil: snoozeOf(status) }),
      },
    }),
    reply: ({ updateConversation }) => answer(ticketOf(done(updateConversation, 'conversation'))),
  }),

  defineRoute({
    ...ofTickets,
    method: 'DELETE',
    path: `${path}/{ticketId}`,
    id: 'cstarDeleteTicket',
    summary: 'Permanently deletes a ticket with its messages.',
    pathParameters: oneTicket,
    queryParameters: none,
    responses: [
      answerSpec('Deleted.', z.strictObject({ id: z.string(), deleted: z.literal(true) }), {
        id: billing.id,
        deleted: true,
      }),
      ...refusals(ticketNotFound),
    ],
    document: CstarDeleteTicketDocument,
    variables: ({ path: { ticketId } }) => ({ input: { id: ticketId } }),
    reply: ({ deleteConversation }) => answer({ id: ticketIdOf(done(deleteConversation, 'deletedId')), deleted: true }),
  }),
];
