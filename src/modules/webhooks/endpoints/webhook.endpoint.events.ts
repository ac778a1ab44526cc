import type { Caller } from '../../../auth/caller.js';
import type { Transaction } from '../../../db/database.js';
import type { DomainEvent, Prisma, WebhookEndpoint } from '../../../generated/prisma/client.js';
import { formatNamed, type WebhookFormats } from '../../../lib/http/webhook-format.js';
import { mayRead, requireToRead, subjectOf } from '../../events/event.scopes.js';
import { eventTypes } from '../../events/event.service.js';

/** Which events an endpoint is told of. */

/** Whether a pattern is "*", or "customer.*" or "customer.created" of things that can happen. */
export const isEventPattern = (pattern: string): boolean =>
  pattern === '*' ||
  eventTypes.some((type) => type === pattern || (pattern.endsWith('.*') && subjectOf(type) === subjectOf(pattern)));

const matches = (pattern: string, type: string): boolean =>
  pattern === '*' || pattern === type || (pattern.endsWith('.*') && subjectOf(pattern) === subjectOf(type));

/** What an endpoint wants to be told of. */
type Wanted = Pick<WebhookEndpoint, 'eventTypes' | 'format'>;

/** Whether an endpoint wants events of a type that its format has, whatever they are about. */
export const wantsType = ({ eventTypes: patterns, format }: Wanted, type: string, formats: WebhookFormats): boolean =>
  formatNamed(formats, format)?.eventTypes.includes(type) !== false &&
  patterns.some((pattern) => matches(pattern, type));

/**
 * Asked of whoever configures an endpoint, is given its secret or has events sent to it: nobody may learn by an endpoint what
 * their key does not open. @throws FORBIDDEN that names a scope without which one may not read what the endpoint is told.
 */
export const requireToReadAll = ({ scopes }: Caller, endpoint: Wanted, formats: WebhookFormats): void =>
  requireToRead(
    scopes,
    eventTypes.filter((type) => wantsType(endpoint, type, formats)),
  );

/**
 * Whether an endpoint may be told of events of a type now: it still wants them, the key that configured it last could read
 * them then, and its scopes, null for the operator, show them today. That the key was revoked or has expired does not
 * matter: an endpoint belongs to the workspace, and whoever rotates keys would lose it unnoticed.
 */
export const mayBeTold = (
  endpoint: Wanted & Pick<WebhookEndpoint, 'scopes'>,
  keyScopes: readonly string[] | null,
  type: string,
  formats: WebhookFormats,
): boolean =>
  wantsType(endpoint, type, formats) &&
  mayRead(new Set(endpoint.scopes), type) &&
  (keyScopes === null || mayRead(new Set(keyScopes), type));

/** The customer, conversation and channel that an event is about, as far as it is about any. */
type About = Partial<Record<'customerId' | 'conversationId' | 'channelId', string | null>>;

const filterFields = ['customerId', 'conversationId', 'channelId'] as const;

/** The events and the endpoints that are to be told of them. The number of statements depends on neither. */
export async function matchEvents(
  tx: Transaction,
  workspaceId: string,
  endpoints: readonly WebhookEndpoint[],
  events: readonly DomainEvent[],
  formats: WebhookFormats,
): Promise<{ endpoint: WebhookEndpoint; event: DomainEvent }[]> {
  const pairs = events.flatMap((event) =>
    endpoints
      .filter((endpoint) => event.seq > endpoint.afterSeq && wantsType(endpoint, event.type, formats))
      .map((endpoint) => ({ endpoint, event })),
  );
  const asked = pairs.filter(({ endpoint }) => filterFields.some((field) => endpoint[field] !== null));
  if (asked.length === 0) return pairs;
  const subjects = await subjectsOf(tx, workspaceId, [...new Set(asked.map(({ event }) => event))]);
  const survivors = await survivorsOf(tx, workspaceId, endpoints);
  return pairs.filter(({ endpoint, event }) => {
    const subject = subjects.get(event) ?? {};
    const wanted = { ...endpoint, customerId: survivors.get(endpoint.customerId) ?? endpoint.customerId };
    return filterFields.every((field) => wanted[field] === null || wanted[field] === subject[field]);
  });
}

/** Of customers in filters that were merged since: whom their names stand for now. */
async function survivorsOf(
  tx: Transaction,
  workspaceId: string,
  endpoints: readonly WebhookEndpoint[],
): Promise<Map<string | null, string | null>> {
  const ids = endpoints.flatMap(({ customerId }) => customerId ?? []);
  if (ids.length === 0) return new Map();
  const merged = await tx.customer.findMany({
    where: { workspaceId, id: { in: ids }, mergedIntoId: { not: null } },
    select: { id: true, mergedIntoId: true },
  });
  return new Map(merged.map(({ id, mergedIntoId }) => [id, mergedIntoId]));
}

async function subjectsOf(
  tx: Transaction,
  workspaceId: string,
  events: readonly DomainEvent[],
): Promise<Map<DomainEvent, About>> {
  const conversationIds = new Map<DomainEvent, string>();
  for (const event of events) {
    const id = conversationIdOf(event);
    if (id !== undefined) conversationIds.set(event, id);
  }
  const conversations = await tx.conversation.findMany({
    where: { workspaceId, id: { in: [...new Set(conversationIds.values())] } },
    select: { id: true, customerId: true, channelId: true },
  });
  const byId = new Map(conversations.map(({ id, ...rest }) => [id, rest]));
  return new Map(
    events.map((event): [DomainEvent, About] => {
      const conversationId = conversationIds.get(event);
      if (conversationId !== undefined) return [event, { conversationId, ...byId.get(conversationId) }];
      const subject = subjectOf(event.type);
      return [
        event,
        subject === 'customer'
          ? { customerId: event.entityId }
          : subject === 'channel'
            ? { channelId: event.entityId }
            : {},
      ];
    }),
  );
}

/** The conversation that an event is about: its entity, or the one that a message is in. */
function conversationIdOf({ type, entityId, data }: DomainEvent): string | undefined {
  if (subjectOf(type) === 'conversation') return entityId;
  if (subjectOf(type) !== 'message') return undefined;
  const after = (data as Prisma.JsonObject).after as Prisma.JsonObject | undefined;
  return typeof after?.conversationId === 'string' ? after.conversationId : undefined;
}
