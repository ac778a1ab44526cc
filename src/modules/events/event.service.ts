import type { Caller } from '../../auth/caller.js';
import { announceChange, type Sql, type Transaction } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { insertOf } from '../../db/writing/insert.js';
import type { DomainEvent, Prisma } from '../../generated/prisma/client.js';

/** What can happen. The first word is the entity, whose id the event bears. */
export const eventTypes = [
  'agent.created',
  'agent.deactivated',
  'agent.reactivated',
  'agent.updated',
  'api_key.created',
  'api_key.revoked',
  'campaign.created',
  'campaign.updated',
  'channel.created',
  'channel.updated',
  'click.claimed',
  'click.recorded',
  'conversation.assigned',
  'conversation.created',
  'conversation.read',
  'conversation.snoozed',
  'conversation.status_changed',
  'conversation.unsnoozed',
  'conversation.updated',
  'conversion.recorded',
  'conversion.refunded',
  'conversion.status_changed',
  'customer.created',
  'customer.deleted',
  'customer.ltv_recalculated',
  'customer.merged',
  'customer.unmerged',
  'customer.updated',
  'link.created',
  'link.deleted',
  'link.updated',
  'message.created',
  'message.failed',
  'message.sent',
  'message.updated',
  'webhook_endpoint.created',
  'webhook_endpoint.deleted',
  'webhook_endpoint.disabled',
  'webhook_endpoint.replayed',
  'webhook_endpoint.secret_rotated',
  'webhook_endpoint.tested',
  'webhook_endpoint.updated',
  'workspace.created',
] as const;

export type EventType = (typeof eventTypes)[number];

/** What events can be about: the first word of their types. */
export type EventSubject = EventType extends `${infer Subject}.${string}` ? Subject : never;

export interface NewEvent {
  type: EventType;
  entityId: string;
  /** What the change was, as JSON: for a change of fields `{ before, after }` with only the fields that changed. */
  data: Prisma.InputJsonObject;
}

/** Writes events into the outbox, in the transaction that makes the changes they tell of. */
export async function recordEvents(tx: Transaction, caller: Caller, events: readonly NewEvent[]): Promise<void> {
  if (events.length > 0) await tx.$executeRaw(recordingOf(tx, caller, events));
}

/** The statement of `recordEvents`, for a WITH in front of that which makes the changes; there must be an event. */
export function recordingOf(tx: Transaction, caller: Caller, events: readonly NewEvent[]): Sql {
  const { workspaceId, actorId } = caller;
  const rows = events.map(({ type, entityId, data }) => {
    return { workspaceId, id: newId('DomainEvent'), actorId, type, entityId, data: data as Prisma.JsonObject };
  });
  announceChange(tx, workspaceId);
  return insertOf('DomainEvent', rows);
}

export interface EventData {
  /** The changed fields as they were; nothing when there was nothing before, or the change is not of fields. */
  before?: Prisma.JsonObject | null;
  /** The changed fields as they are since; nothing when nothing is left, or the change is not of fields. */
  after?: Prisma.JsonObject | null;
  /** What else there is to say. */
  details: Prisma.JsonObject;
}

/** What an event says of its change. Events hold JSON objects only. */
export function dataOf({ data }: Pick<DomainEvent, 'data'>): EventData {
  const { before, after, ...details } = data as Prisma.JsonObject;
  return { before: before as Prisma.JsonObject, after: after as Prisma.JsonObject, details };
}
