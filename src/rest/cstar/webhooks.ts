import { createHmac } from 'node:crypto';
import type {
  ConversationPriority,
  ConversationStatus,
  CstarCustomerFragment,
  MessageDirection,
} from '../../generated/documents/graphql.js';
import type { ToldEvent, WebhookFormat } from '../../lib/http/webhook-format.js';
import { customerOf, statusIn } from './customers.js';
import { senderOf, ticketIdOf, ticketStatusOf } from './ticket.js';

/** The events that change fields of a ticket. A snoozed ticket is pending. */
const updates = ['conversation.updated', 'conversation.assigned', 'conversation.snoozed', 'conversation.unsnoozed'];

/**
 * Webhooks in cStar's format: the customer has the fields of its REST endpoints in snake case, with times in
 * milliseconds.
 */
export const cstarWebhooks: WebhookFormat = {
  name: 'CSTAR',
  events: {
    'customer.created': ['customer.created'],
    'customer.updated': ['customer.updated'],
    'customer.deleted': ['customer.deleted'],
    'ticket.created': ['conversation.created'],
    'ticket.updated': [...updates, 'conversation.status_changed'],
    'ticket.closed': ['conversation.status_changed'],
    'ticket.deleted': ['conversation.deleted'],
    'ticket.message_added': ['message.created'],
  },

  nameOf({ type, before, after }) {
    // A change of fields that cStar does not have is not sent.
    if (type === 'customer.updated') return Object.keys(changesOf({ before, after })).length > 0 ? type : null;
    if (type === 'conversation.status_changed') return isOpen(after) ? 'ticket.updated' : 'ticket.closed';
    return updates.includes(type) ? 'ticket.updated' : (ticketEvents[type] ?? type);
  },

  async body(id, event, { workspaceUuid, customerUuid }) {
    const type = cstarWebhooks.nameOf({ type: event.type, ...event.data });
    return enveloped({ id, type, at: event.timestamp, workspaceUuid }, dataOf(event, await customerUuid()));
  },
  test: (delivery) => enveloped(delivery, {}),

  /** Signed with the text of the secret. */
  headers({ id, timestamp, body, endpointId, type, attempt }, secrets) {
    const signatures = secrets.map(
      (secret) => `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
    );
    return {
      'x-webhook-id': webhookIdOf(endpointId),
      'x-event-id': eventIdOf(id),
      'x-event-type': type,
      'x-timestamp': new Date(timestamp * 1000).toISOString(),
      'x-delivery-attempt': String(attempt),
      'x-signature': [`t=${timestamp}`, ...signatures].join(','),
    };
  },
};

interface Envelope {
  id: string;
  type: string | null;
  at: Date;
  workspaceUuid: string;
}

/** The envelope of every webhook. */
const enveloped = ({ id, type, at, workspaceUuid }: Envelope, data: object): string =>
  JSON.stringify({ id: eventIdOf(id), type, created_at: at, team_id: workspaceUuid, data });

const ticketEvents: Readonly<Record<string, string>> = {
  'conversation.created': 'ticket.created',
  'conversation.deleted': 'ticket.deleted',
  'message.created': 'ticket.message_added',
};

const isOpen = (after: unknown): boolean => (after as { status?: unknown } | null)?.status === 'OPEN';

/** For an object that no longer exists, only the id. */
function dataOf({ type, data }: ToldEvent, customerUuid: string | null): object {
  if (type.startsWith('conversation.')) return { ticket: shownTicket(data, customerUuid) };
  if (type.startsWith('message.')) return { message: shownMessage(data) };
  if (type === 'customer.deleted') return { customer: { id: customerUuid } };
  return {
    customer: shownCustomer(data.entity, customerUuid),
    ...(type === 'customer.updated' && { changes: changesOf(data) }),
  };
}

/** The cStar event id of a delivery. */
export const eventIdOf = (deliveryId: string): string => deliveryId.replace(/^[a-z]+_/, 'evt_');

/** The cStar id of an endpoint. */
export const webhookIdOf = (endpointId: string): string => endpointId.replace(/^whe_/, 'whk_');

function shownCustomer(entity: object | null, customerUuid: string | null): object | null {
  if (!entity) return customerUuid === null ? null : { id: customerUuid };
  // Converts the entity to JSON values, in which it has the fields of the graph.
  const customer = JSON.parse(JSON.stringify(entity)) as CstarCustomerFragment;
  const { createdAt, updatedAt } = customer;
  const fields = Object.entries(customerOf(customer)).map(([name, value]) => [snakeCase(name), value]);
  return { ...Object.fromEntries(fields), created_at: createdAt, updated_at: updatedAt ?? createdAt };
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** cStar's names of fields, by their names in the graph. */
const names: Readonly<Record<string, string>> = {
  name: 'name',
  email: 'email',
  status: 'status',
  sentiment: 'sentiment',
  tags: 'tags',
  notes: 'notes',
  metadata: 'custom_fields',
};

/** Each changed field that cStar has, with its values before and after. */
function changesOf({ before, after }: Pick<ToldEvent['data'], 'before' | 'after'>): object {
  const [from, to] = [before, after].map((fields) => (fields ?? {}) as Readonly<Record<string, unknown>>);
  const changed = Object.entries(names).filter(([field]) => to !== undefined && field in to);
  return Object.fromEntries(
    changed.map(([field, name]) => [
      name,
      { from: shownValue(field, from?.[field]), to: shownValue(field, to?.[field]) },
    ]),
  );
}

function shownValue(field: string, value: unknown): unknown {
  if (typeof value !== 'string') return value ?? null;
  if (field === 'status') return statusIn[value as keyof typeof statusIn] ?? value;
  return field === 'sentiment' ? value.toLowerCase() : value;
}

/** The ticket of a conversation; only its id if it no longer exists. */
function shownTicket({ entity, entityId }: ToldEvent['data'], customerUuid: string | null): object {
  if (!entity) return { id: ticketIdOf(entityId) };
  const ticket = JSON.parse(JSON.stringify(entity)) as Told<Conversation>;
  return {
    id: ticketIdOf(entityId),
    title: ticket.subject ?? '',
    status: ticketStatusOf(ticket),
    number: ticket.number,
    priority: ticket.priority.toLowerCase(),
    tags: ticket.tags,
    notes: ticket.notes,
    metadata: ticket.metadata,
    customer_id: customerUuid,
    assigned_to: ticket.assigneeId,
    created_at: ticket.createdAt,
    updated_at: ticket.updatedAt ?? ticket.createdAt,
  };
}

/** The message of a ticket; only its id if it no longer exists. */
function shownMessage({ entity, entityId }: ToldEvent['data']): object {
  if (!entity) return { id: entityId };
  const message = JSON.parse(JSON.stringify(entity)) as Told<Message>;
  return {
    id: entityId,
    ticket_id: ticketIdOf(message.conversationId),
    content: message.text,
    sender: senderOf(message.direction),
    is_internal: message.isInternal,
    created_at: message.createdAt,
  };
}

/** An entity as JSON, as webhooks contain it. */
type Told<Fields> = Fields & { createdAt: string; updatedAt?: string | null };

interface Conversation {
  assigneeId: string | null;
  subject: string | null;
  status: ConversationStatus;
  number: number;
  priority: ConversationPriority;
  tags: readonly string[];
  notes: string | null;
  metadata: object;
  firstResponseAt: string | null;
  snoozedUntil: string | null;
}

interface Message {
  conversationId: string;
  direction: MessageDirection;
  isInternal: boolean;
  text: string;
}
