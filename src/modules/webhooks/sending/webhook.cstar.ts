import { createHmac } from 'node:crypto';
import type { Customer, DomainEvent, Prisma } from '../../../generated/prisma/client.js';
import type { Message } from './webhook.signature.js';

/** Requests as cStar sends them, so that what receives its webhooks can stay as it is. */

const statusOf = { ACTIVE: 'active', SUSPENDED: 'inactive' } as const;

/** The customer as cStar shows it to webhooks. */
const customerOf = (customer: Customer) => ({
  id: customer.uuid,
  name: customer.name,
  email: customer.email,
  status: statusOf[customer.status],
  sentiment: customer.sentiment.toLowerCase(),
  tags: customer.tags,
  ticket_count: customer.conversationCount,
  notes: customer.notes,
  custom_fields: customer.metadata,
  created_at: customer.createdAt.toISOString(),
  updated_at: (customer.updatedAt ?? customer.createdAt).toISOString(),
});

/** The names of what has another name there. */
const names: Readonly<Record<string, string>> = { metadata: 'custom_fields' };
const shown: readonly string[] = ['name', 'email', 'status', 'sentiment', 'tags', 'notes', 'metadata'];

const asShown = (field: string, value: Prisma.JsonValue | undefined): Prisma.JsonValue => {
  if (typeof value !== 'string') return value ?? null;
  if (field === 'status') return statusOf[value as keyof typeof statusOf] ?? value;
  return field === 'sentiment' ? value.toLowerCase() : value;
};

/** Each changed field that cStar has, with its values before and after. */
function changesOf({ data }: DomainEvent) {
  const { before = {}, after = {} } = data as { before?: Prisma.JsonObject; after?: Prisma.JsonObject };
  const fields = Object.keys(after).filter((field) => shown.includes(field));
  return Object.fromEntries(
    fields.map((field) => [
      names[field] ?? field,
      { from: asShown(field, before[field]), to: asShown(field, after[field]) },
    ]),
  );
}

/** The body of an event of cStar. `teamId` is the UUID of the workspace; the customer is null when it is gone. */
export const cstarBody = (id: string, event: DomainEvent, teamId: string, customer: Customer | null): string =>
  JSON.stringify({
    id,
    type: event.type,
    created_at: event.occurredAt.toISOString(),
    team_id: teamId,
    data: {
      customer: customer && customerOf(customer),
      ...(event.type === 'customer.updated' && { changes: changesOf(event) }),
    },
  });

export interface CstarRequest extends Message {
  endpointId: string;
  type: string;
  /** From 1. */
  attempt: number;
}

/** The headers of cStar, signed with the text of the secret. */
export function cstarHeaders(
  { id, timestamp, body, endpointId, type, attempt }: CstarRequest,
  secrets: readonly string[],
): Record<string, string> {
  const signatures = secrets.map(
    (secret) => `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
  );
  return {
    'x-webhook-id': endpointId,
    'x-event-id': id,
    'x-event-type': type,
    'x-timestamp': new Date(timestamp * 1000).toISOString(),
    'x-delivery-attempt': String(attempt),
    'x-signature': [`t=${timestamp}`, ...signatures].join(','),
  };
}
