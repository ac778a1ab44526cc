import { createHmac } from 'node:crypto';
import type { CstarCustomerFragment } from '../../generated/documents/graphql.js';
import type { ToldEvent, WebhookFormat } from '../../lib/http/webhook-format.js';
import { customerOf, statusIn } from './customers.js';

/** Webhooks as cStar sends them: the customer of its REST endpoints in snake case, with times to the millisecond. */
export const cstarWebhooks: WebhookFormat = {
  name: 'CSTAR',
  eventTypes: ['customer.created', 'customer.updated'],

  // A change of fields that cStar does not have is none to it.
  tells: ({ type, before, after }) =>
    type !== 'customer.updated' || Object.keys(changesOf({ before, after })).length > 0,

  body: (id, { type, timestamp, data }, workspaceUuid) =>
    JSON.stringify({
      id,
      type,
      created_at: timestamp,
      team_id: workspaceUuid,
      data: {
        customer: shownCustomer(data.entity),
        ...(type === 'customer.updated' && { changes: changesOf(data) }),
      },
    }),

  /** Signed with the text of the secret. */
  headers({ id, timestamp, body, endpointId, type, attempt }, secrets) {
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
  },
};

function shownCustomer(entity: object | null): object | null {
  if (!entity) return null;
  // The entity has the fields of the graph, and as JSON their values too.
  const customer = JSON.parse(JSON.stringify(entity)) as CstarCustomerFragment;
  const { createdAt, updatedAt } = customer;
  const fields = Object.entries(customerOf(customer)).map(([name, value]) => [snakeCase(name), value]);
  return { ...Object.fromEntries(fields), created_at: createdAt, updated_at: updatedAt ?? createdAt };
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The fields that cStar has, by their names in the graph, with its own names for them. */
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
