import type { Caller } from '../../../auth/caller.js';
import type { Transaction } from '../../../db/database.js';
import type { DomainEvent, Prisma, WebhookEndpoint } from '../../../generated/prisma/client.js';
import {
  type EventChange,
  formatNamed,
  type WebhookFormat,
  type WebhookFormats,
} from '../../../lib/http/webhook-format.js';
import { mayRead, requireToRead, subjectOf } from '../../events/event.scopes.js';
import { dataOf, eventTypes } from '../../events/event.service.js';

/** Which events an endpoint receives. */

/** Whether a pattern is "*", an event type such as "customer.created", or all types of one kind such as "customer.*". */
export const isEventPattern = (pattern: string): boolean =>
  pattern === '*' ||
  eventTypes.some((type) => type === pattern || (pattern.endsWith('.*') && subjectOf(type) === subjectOf(pattern)));

const matches = (pattern: string, type: string): boolean =>
  pattern === '*' || pattern === type || (pattern.endsWith('.*') && subjectOf(pattern) === subjectOf(type));

/**
 * Whether a pattern selects any event of a format: by event types, or by the names of the format. An undefined format
 * is the gateway's own.
 */
export const isPatternOf = (format: WebhookFormat | undefined, pattern: string): boolean =>
  isEventPattern(pattern) || Object.keys(format?.events ?? {}).some((name) => matches(pattern, name));

/** The configuration that selects event types. */
type Selection = Pick<WebhookEndpoint, 'eventTypes' | 'format'>;

/** Whether an endpoint selects events of a type, and its format has this type. Filters are not considered. */
export function wantsType({ eventTypes: patterns, format }: Selection, type: string, formats: WebhookFormats): boolean {
  const named = formatNamed(formats, format);
  const names = named ? Object.keys(named.events).filter((name) => named.events[name]?.includes(type)) : [type];
  return names.some((name) => patterns.some((pattern) => matches(pattern, name) || matches(pattern, type)));
}

/** Whether an endpoint that wants the type of an event also wants this event, by its name in the format. */
function wantsEvent({ eventTypes: patterns, format }: Selection, event: DomainEvent, formats: WebhookFormats): boolean {
  const named = formatNamed(formats, format);
  if (!named) return true;
  const name = named.nameOf(toldOf(event));
  return name !== null && patterns.some((pattern) => matches(pattern, name) || matches(pattern, event.type));
}

/**
 * Required of a caller who configures an endpoint, gets its secret or replays events: the endpoint must not receive
 * events that the caller cannot read.
 * @throws FORBIDDEN that names a missing scope.
 */
export const requireToReadAll = ({ scopes }: Caller, endpoint: Selection, formats: WebhookFormats): void =>
  requireToRead(
    scopes,
    eventTypes.filter((type) => wantsType(endpoint, type, formats)),
  );

/**
 * Whether an endpoint may receive events of a type now: it still selects them, and the API key that configured it last had
 * the scopes to read them then and has them now. `keyScopes` is null for the operator. A revoked or expired key counts as
 * well: an endpoint belongs to the workspace and must keep working when keys are rotated.
 */
export const mayReceive = (
  endpoint: Selection & Pick<WebhookEndpoint, 'scopes'>,
  keyScopes: readonly string[] | null,
  type: string,
  formats: WebhookFormats,
): boolean => wantsType(endpoint, type, formats) && mayRead(scopesOf(endpoint, keyScopes), type);

/** The scopes that the API key of an endpoint had when it configured the endpoint and still has. */
export const scopesOf = (
  { scopes }: Pick<WebhookEndpoint, 'scopes'>,
  keyScopes: readonly string[] | null,
): ReadonlySet<string> => new Set(keyScopes === null ? scopes : scopes.filter((scope) => keyScopes.includes(scope)));

/** The customer, conversation and channel that an event is about, if any. */
type About = Partial<Record<'customerId' | 'conversationId' | 'channelId', string | null>>;

const filterFields = ['customerId', 'conversationId', 'channelId'] as const;

/** The pairs of endpoint and event to deliver. The number of statements depends on neither number. */
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
      .filter((endpoint) => wantsEvent(endpoint, event, formats))
      .map((endpoint) => ({ endpoint, event })),
  );
  const filtered = pairs.filter(({ endpoint }) => filterFields.some((field) => endpoint[field] !== null));
  if (filtered.length === 0) return pairs;
  const subjects = await subjectsOf(tx, workspaceId, [...new Set(filtered.map(({ event }) => event))]);
  const survivors = await survivorsOf(tx, workspaceId, endpoints);
  return pairs.filter(({ endpoint, event }) => {
    const subject = subjects.get(event) ?? {};
    const wanted = { ...endpoint, customerId: survivors.get(endpoint.customerId) ?? endpoint.customerId };
    return filterFields.every((field) => wanted[field] === null || wanted[field] === subject[field]);
  });
}

export const toldOf = (event: DomainEvent): EventChange => {
  const { before = null, after = null } = dataOf(event);
  return { type: event.type, before, after };
};

/** Maps the customers in filters that have been merged to their survivors. */
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
      if (conversationId !== undefined)
        return [event, { conversationId, ...(byId.get(conversationId) ?? ofDeleted(event)) }];
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

/** The id of the conversation that an event is about, or that contains the message of the event. */
function conversationIdOf({ type, entityId, data }: DomainEvent): string | undefined {
  if (subjectOf(type) === 'conversation') return entityId;
  if (subjectOf(type) !== 'message') return undefined;
  const after = (data as Prisma.JsonObject).after as Prisma.JsonObject | undefined;
  return typeof after?.conversationId === 'string' ? after.conversationId : undefined;
}

/** The customer and the channel of a deleted conversation, from the event of its deletion. */
function ofDeleted({ type, data }: DomainEvent): About {
  const { customerId, channelId } = data as Prisma.JsonObject;
  if (type !== 'conversation.deleted' || typeof customerId !== 'string') return {};
  return { customerId, channelId: typeof channelId === 'string' ? channelId : null };
}
