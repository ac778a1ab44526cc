import { announceChange, type Transaction } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { insertRows } from '../../db/insert.js';
import type { Prisma } from '../../generated/prisma/client.js';
import type { Caller } from '../workspace/caller.js';

/** What can happen. The first word is the entity, whose id the event bears. */
export type EventType =
  | 'agent.created'
  | 'agent.deactivated'
  | 'agent.reactivated'
  | 'agent.updated'
  | 'api_key.created'
  | 'api_key.revoked'
  | 'channel.created'
  | 'channel.updated'
  | 'conversation.assigned'
  | 'conversation.created'
  | 'conversation.read'
  | 'conversation.snoozed'
  | 'conversation.status_changed'
  | 'conversation.unsnoozed'
  | 'conversation.updated'
  | 'customer.created'
  | 'customer.deleted'
  | 'customer.merged'
  | 'customer.unmerged'
  | 'customer.updated'
  | 'message.created'
  | 'message.updated'
  | 'workspace.created';

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
  if (rows.length > 0) announceChange(tx, workspaceId);
}
