import type { Caller } from '../../../auth/caller.js';
import { type Database, sql, type Transaction, writeIn } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { joiner } from '../../../db/joining.js';
import { notFound } from '../../../errors.js';
import type { Conversation } from '../../../generated/prisma/client.js';
import { requireVersion } from '../../../lib/values/version.js';
import { lockConversations } from '../conversation.writes.js';
import { assigning } from './change.kinds.js';
import {
  type Asked,
  type ChangedConversation,
  changing,
  hasWritten,
  isWritten,
  type RowChange,
  type SharedChange,
  throwRefusal,
} from './change.statement.js';

/** Makes a change in a transaction in which the rows are locked already. Returns those that were written. */
export async function writeChange(
  tx: Transaction,
  caller: Caller,
  ids: readonly string[],
  change: RowChange,
  path: readonly string[] = ['ids'],
): Promise<Conversation[]> {
  if (ids.length === 0) return [];
  const { workspaceId, actorId } = caller;
  const asked = ids.map((id) => ({ id, actorId }));
  const changed = await writeIn(tx, changing(workspaceId, asked, change), workspaceId, hasWritten);
  for (const one of changed) throwRefusal(change, one, path);
  return changed.filter(isWritten);
}

const joinChanges = joiner<Asked, ChangedConversation | undefined>();

/** Makes a change to one conversation. @throws NOT_FOUND, CONFLICT for the version, what the change refuses. */
export async function changeOne(
  db: Database,
  { workspaceId, actorId }: Caller,
  id: string,
  change: SharedChange,
  ifVersion?: number | null,
): Promise<{ conversation: Conversation; result: 'UPDATED' | 'UNCHANGED' }> {
  const asked = { id: readId('Conversation', id, ['id']), actorId, ifVersion };
  const what = `${workspaceId} ${change.name}`;
  const [row] = await joinChanges(db, { what }, (all) => changeEach(db, workspaceId, all, change), [asked]);
  // The statement may have been that of another request.
  await db.acknowledge();
  if (!row) throw notFound('Conversation', ['id']);
  throwRefusal(change, row, ['id']);
  const { outcome, ...conversation } = row;
  if (outcome === 'CONFLICT') requireVersion('conversation', conversation, ifVersion);
  return { conversation, result: outcome === 'UPDATED' ? 'UPDATED' : 'UNCHANGED' };
}

/**
 * Makes a change to each conversation that is asked for; undefined where there is none. Several share one statement,
 * which holds no conversation while it waits: what another transaction has locked is changed alone after it. So is what
 * is asked for twice, except for the first time.
 */
async function changeEach(
  db: Database,
  workspaceId: string,
  asked: readonly Asked[],
  change: SharedChange,
): Promise<(ChangedConversation | undefined | Promise<ChangedConversation | undefined>)[]> {
  // Of two that are the same, the first.
  const distinct = new Map(asked.toReversed().map((one) => [one.id, one]));
  const isPatient = asked.length === 1;
  const statement = changing(workspaceId, [...distinct.values()], change, { isPatient });
  const rows = await db.write<ChangedConversation>(statement, workspaceId, hasWritten);
  if (isPatient) return [rows[0]];
  const byId = new Map(rows.map((row) => [row.id, row]));
  const alone = async (one: Asked) => (await changeEach(db, workspaceId, [one], change))[0];
  return asked.map((one) => (distinct.get(one.id) === one && byId.get(one.id)) || alone(one));
}

/** Reassigns the open conversations of an agent to another locked agent, or unassigns them. Returns their number. */
export async function reassignOpen(
  tx: Transaction,
  caller: Caller,
  fromId: string,
  toId: string | null,
): Promise<number> {
  const open = [sql`r."assigneeId" = ${fromId}`, sql`r."status" = 'OPEN'`];
  const locked = await lockConversations(tx, caller.workspaceId, open);
  const ids = locked.map(({ id }) => id);
  return (await writeChange(tx, caller, ids, assigning(caller, toId))).length;
}
