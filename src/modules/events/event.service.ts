import type { Caller } from '../../auth/caller.js';
import { announceChange, type Sql, type Transaction } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { insertOf } from '../../db/writing/insert.js';
import type { DomainEvent, Prisma } from '../../generated/prisma/client.js';

/** The types of events. The first word is the kind of entity, whose id the event has. */
export const eventTypes = [
  'agent.created',
  'agent.deactivated',
  'agent.reactivated',
  'agent.updated',
  'api_key.created',
  'api_key.revoked',
  'api_key.rotated',
  'api_key.session_created',
  'api_key.session_revoked',
  'api_key.updated',
  'blocked_sender.created',
  'blocked_sender.deleted',
  'campaign.created',
  'campaign.updated',
  'channel.created',
  'channel.updated',
  'click.claimed',
  'click.recorded',
  'conversation.assigned',
  'conversation.created',
  'conversation.deleted',
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
  'workspace.documents_added',
  'workspace.documents_removed',
  'workspace.updated',
] as const;

export type EventType = (typeof eventTypes)[number];

/** The kinds of entities that events have: the first words of their types. */
export type EventSubject = EventType extends `${infer Subject}.${string}` ? Subject : never;

export interface NewEvent {
  type: EventType;
  entityId: string;
  /** The data of the change as JSON: for a change of fields `{ before, after }` with only the changed fields. */
  data: Prisma.InputJsonObject;
}

/** Writes events into the outbox, in the transaction of their changes. */
export async function recordEvents(tx: Transaction, caller: Caller, events: readonly NewEvent[]): Promise<void> {
  if (events.length > 0) await tx.$executeRaw(recordingOf(tx, caller, events));
}

/** The statement of `recordEvents`, for a WITH clause of the statement that makes the changes. `events` is not empty. */
export function recordingOf(tx: Transaction, caller: Caller, events: readonly NewEvent[]): Sql {
  const { workspaceId, actorId } = caller;
  const rows = events.map(({ type, entityId, data }) => {
    return { workspaceId, id: newId('DomainEvent'), actorId, type, entityId, data: data as Prisma.JsonObject };
  });
  announceChange(tx, workspaceId);
  return insertOf('DomainEvent', rows);
}

export interface EventData {
  /** The changed fields with their values before; none when the entity is new or no fields changed. */
  before?: Prisma.JsonObject | null;
  /** The changed fields with their values after; none when the entity was deleted or no fields changed. */
  after?: Prisma.JsonObject | null;
  /** Other data. */
  details: Prisma.JsonObject;
}

/** The data of an event, by part. The data of events is always a JSON object. */
export function dataOf({ data }: Pick<DomainEvent, 'data'>): EventData {
  const { before, after, ...details } = data as Prisma.JsonObject;
  return { before: before as Prisma.JsonObject, after: after as Prisma.JsonObject, details };
}
