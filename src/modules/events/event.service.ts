import type { Transaction } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { insertRows } from '../../db/insert.js';
import type { Prisma } from '../../generated/prisma/client.js';
import type { Caller } from '../workspace/caller.js';

/** What can happen. The first word is the entity, whose id the event bears. */
export type EventType =
  | 'agent.created'
  | 'channel.created'
  | 'conversation.assigned'
  | 'conversation.created'
  | 'conversation.read'
  | 'conversation.status_changed'
  | 'customer.created'
  | 'customer.deleted'
  | 'customer.merged'
  | 'customer.unmerged'
  | 'customer.updated'
  | 'message.created';

export interface NewEvent {
  type: EventType;
  entityId: string;
  /** What the change was, as JSON: for a change of fields `{ before, after }` with only the fields that changed. */
  data: Prisma.InputJsonObject;
}

/** Writes events into the outbox, in the transaction that makes the changes they tell of. */
export async function recordEvents(tx: Transaction, caller: Caller, events: readonly NewEvent[]): Promise<void> {
  const { workspaceId, actorId } = caller;
  const rows = events.map(({ type, entityId, data }) => {
    return { workspaceId, id: newId('DomainEvent'), actorId, type, entityId, data: data as Prisma.JsonObject };
  });
  await insertRows(tx, 'DomainEvent', rows);
}
