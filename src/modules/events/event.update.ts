import type { Caller } from '../../auth/caller.js';
import type { Transaction } from '../../db/database.js';
import type { Prisma } from '../../generated/prisma/client.js';
import { changesOf } from '../../lib/values/changes.js';
import { type EventType, recordEvents } from './event.service.js';

type Values = Record<string, Prisma.InputJsonValue | null | undefined>;
type Given<Fields> = { [Field in keyof Fields]?: Exclude<Fields[Field], undefined> };

interface Update<Row, Fields> {
  type: Extract<EventType, `${string}.updated`>;
  /** Writes the changed fields. */
  write(after: Given<Fields>): Promise<Row>;
}

/**
 * Writes the fields that differ from the locked row, and records the change as an event. If none differs, writes
 * nothing.
 */
export async function updateRecorded<Row extends { id: string }, Fields extends Values>(
  tx: Transaction,
  caller: Caller,
  row: Row & Required<Given<Fields>>,
  fields: Fields,
  { type, write }: Update<Row, Fields>,
): Promise<{ row: Row; result: 'UPDATED' | 'UNCHANGED' }> {
  const changes = changesOf<Fields>(row, fields);
  if (!changes) return { row, result: 'UNCHANGED' };
  await recordEvents(tx, caller, [{ type, entityId: row.id, data: { ...changes } }]);
  return { row: await write(changes.after), result: 'UPDATED' };
}
