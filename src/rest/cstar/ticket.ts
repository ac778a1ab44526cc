import { z } from 'zod';
import type {
  ConversationPriority,
  ConversationStatus,
  CstarMessageFragment,
  CstarTicketFragment,
  MessageDirection,
} from '../../generated/documents/graphql.js';
import { oneOf, uuidPattern } from '../input.js';
import { time, timeOrNull, timeSchema } from '../time.js';
import { team } from './common.js';

/** Converts conversations to the tickets of cStar. */

export const ticketStatuses = ['new', 'open', 'pending', 'resolved', 'closed'] as const;
export type TicketStatus = (typeof ticketStatuses)[number];
export const ticketStatus = oneOf('status', ticketStatuses);

interface State {
  status: ConversationStatus;
  /** When the team first responded. */
  firstResponseAt?: string | null;
  /** The end of the snooze. */
  snoozedUntil?: string | null;
}

/**
 * The ticket status: new until the team has responded, pending while snoozed, resolved when closed, closed when
 * archived.
 */
export function ticketStatusOf({ status, firstResponseAt, snoozedUntil }: State): TicketStatus {
  if (status !== 'OPEN') return status === 'CLOSED' ? 'resolved' : 'closed';
  if (snoozedUntil != null) return 'pending';
  return firstResponseAt == null ? 'new' : 'open';
}

export const priorities = {
  low: 'LOW',
  normal: 'NORMAL',
  high: 'HIGH',
  urgent: 'URGENT',
} as const satisfies Record<string, ConversationPriority>;
export const priority = oneOf('priority', ['low', 'normal', 'high', 'urgent']);

const senders = { INBOUND: 'customer', OUTBOUND: 'agent', SYSTEM: 'system' } as const satisfies Record<
  MessageDirection,
  string
>;

/** The kind of sender of a message. */
export const senderOf = (direction: MessageDirection) => senders[direction];

/** The cStar id of a conversation. */
export const ticketIdOf = (id: string): string => id.replace(/^thd_/, 'tkt_');

/**
 * The id in the graph. Conversations have no UUID of their own; a UUID refers to the conversation that was imported
 * with it.
 */
const conversationIdOf = (id: string): string =>
  /^(tkt|thd)_/.test(id) ? id.replace(/^tkt_/, 'thd_') : `thd_${id.replaceAll('-', '').toLowerCase()}`;

export const ticketNotFound = { 404: { message: 'Ticket not found.', param: 'ticketId' } };

/** The path parameters of one ticket. */
export const oneTicket = z.object({
  ...team,
  ticketId: z
    .string()
    .regex(new RegExp(`^(tkt_[A-Za-z0-9_-]{1,120}|thd_[A-Za-z0-9_-]{1,120}|${uuidPattern})$`), {
      error: ticketNotFound[404].message,
    })
    .describe(
      'The id of the ticket (tkt_…), or of the conversation in the graph (thd_…). A UUID stands for tkt_ and the UUID without dashes.',
    )
    .transform(conversationIdOf),
});

/** Fields of tickets that have no equivalent in the graph: service levels. */
const always = {
  responseDeadline: null,
  resolutionDeadline: null,
  responseTier: null,
  resolutionTier: null,
  slaPaused: false,
} as const;

export const ticketFields = {
  id: z.string(),
  object: z.literal('ticket'),
  number: z.int().describe('A short number, unique in the team.'),
  title: z.string(),
  status: ticketStatus,
  priority,
  customerId: z.uuid(),
  customerName: z.string().nullable(),
  assignedTo: z.string().nullable(),
  tags: z.array(z.string()),
  notes: z.string().nullable().describe('Notes of the team about the ticket.'),
  metadata: z.record(z.string(), z.unknown()),
  messageCount: z.int().min(0),
  responseDeadline: z.null(),
  resolutionDeadline: z.null(),
  responseTier: z.null(),
  resolutionTier: z.null(),
  slaPaused: z.literal(false).describe('Always false: there are no service levels.'),
  firstResponseAt: timeSchema.nullable(),
  closedAt: timeSchema.nullable(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
};

export const ticketOf = ({ databaseId, subject, priority: urgency, customer, ...ticket }: CstarTicketFragment) => ({
  id: ticketIdOf(databaseId),
  object: 'ticket' as const,
  number: ticket.number,
  title: subject ?? '',
  status: ticketStatusOf(ticket),
  priority: urgency.toLowerCase(),
  customerId: customer.uuid,
  customerName: customer.name ?? null,
  assignedTo: ticket.assignee?.databaseId ?? null,
  tags: ticket.tags,
  notes: ticket.notes ?? null,
  metadata: ticket.metadata,
  messageCount: ticket.messages.totalCount,
  ...always,
  firstResponseAt: timeOrNull(ticket.firstResponseAt),
  closedAt: timeOrNull(ticket.closedAt),
  createdAt: time(ticket.createdAt),
  updatedAt: time(ticket.updatedAt ?? ticket.createdAt),
});

export const customerSummary = z
  .strictObject({
    id: z.uuid(),
    object: z.literal('customer'),
    name: z.string().nullable(),
    email: z.string().nullable(),
  })
  .meta({ id: 'CstarTicketCustomer' });

/** A ticket with its customer. */
export const ticketWithCustomerOf = (ticket: CstarTicketFragment) => {
  const { uuid: id, name = null, email = null } = ticket.customer;
  return { ...ticketOf(ticket), customer: { id, object: 'customer' as const, name, email } };
};

export const billing = {
  id: 'tkt_a1B2c3D4e5F6',
  object: 'ticket',
  number: 42,
  title: 'Need help with billing',
  status: 'open',
  priority: 'high',
  customerId: '550e8400-e29b-41d4-a716-446655440000',
  customerName: 'Jane Doe',
  assignedTo: null,
  tags: ['billing'],
  notes: null,
  metadata: {},
  messageCount: 3,
  ...always,
  firstResponseAt: '2026-03-30T10:10:00Z',
  closedAt: null,
  createdAt: '2026-03-30T10:00:00Z',
  updatedAt: '2026-03-30T10:30:00Z',
};

export const messageSchema = z
  .strictObject({
    id: z.string(),
    content: z.string(),
    sender: z.enum(['customer', 'agent', 'system']),
    senderName: z.string().nullable(),
    agentId: z.string().nullable(),
    isInternal: z.boolean().describe('Whether it is an internal note, which only the team sees.'),
    createdAt: timeSchema,
  })
  .meta({ id: 'CstarMessage' });

export const messageOf = ({ databaseId, text, direction, author, isInternal, createdAt }: CstarMessageFragment) => ({
  id: databaseId,
  content: text,
  sender: senderOf(direction),
  senderName: author.name ?? null,
  agentId: author.agent?.databaseId ?? null,
  isInternal,
  createdAt: time(createdAt),
});

export const reply = {
  id: 'msg_abc456',
  content: "Hi! We've reset your password.",
  sender: 'agent',
  senderName: null,
  agentId: null,
  isInternal: false,
  createdAt: '2026-03-30T10:10:00Z',
};
