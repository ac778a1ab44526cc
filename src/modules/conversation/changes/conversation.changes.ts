import type { Caller } from '../../../auth/caller.js';
import { type Database, raw, type Sql, sql, type Transaction, writeIn } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { joiner } from '../../../db/reading/joined.js';
import { notFound } from '../../../errors.js';
import type { Conversation, ConversationStatus } from '../../../generated/prisma/client.js';
import { requireVersion } from '../../../lib/values/version.js';
import { contactDeleted, lockConversations } from '../conversation.writes.js';
import {
  type Asked,
  type ChangedConversation,
  changedField,
  changing,
  hasWritten,
  isWritten,
  type RowChange,
  type SharedChange,
  throwRefusal,
} from './conversation.change.js';

/** The contacts of the conversations `l`, locked. */
export const contactsLocked = (strength: 'SHARE' | 'NO KEY UPDATE'): Sql =>
  raw(`SELECT c."id", c."deletedAt" FROM "Customer" AS c JOIN l ON c."workspaceId" = l."workspaceId"
    AND c."id" = l."customerId" FOR ${strength} OF c`);

/** On `l` and the locked contacts: the contact was deleted. */
export const isContactDeleted = raw(`l."customerId" IN (SELECT "id" FROM contact WHERE "deletedAt" IS NOT NULL)`);

/**
 * The assignments for opening conversations that are not open. If the assignee was deactivated, the conversation
 * becomes unassigned.
 */
export const opening = {
  after: {
    agent: raw(`SELECT a."id" FROM "Agent" AS a JOIN l ON a."workspaceId" = l."workspaceId" AND a."id" = l."assigneeId"
      WHERE l."status" <> 'OPEN' AND a."deactivatedAt" IS NULL FOR SHARE OF a`),
  },
  decided: raw(`, l."status" <> 'OPEN' AND l."assigneeId" IS NOT NULL
    AND l."assigneeId" NOT IN (SELECT "id" FROM agent) AS abandoned`),
  set: raw(
    `"status" = 'OPEN', "closedAt" = NULL, "assigneeId" = CASE WHEN d.abandoned THEN NULL ELSE r."assigneeId" END`,
  ),
  events: [
    {
      type: 'conversation.status_changed',
      data: changedField('status', raw(`'OPEN'::text`)),
      when: raw(`d."status" <> 'OPEN'`),
    },
    {
      type: 'conversation.assigned',
      data: changedField('assigneeId', raw('NULL::text')),
      when: raw('d.abandoned'),
    },
  ],
} as const satisfies Partial<RowChange>;

/**
 * Sets the status. Opening clears the closing time, and unassigns a conversation whose assignee has been deactivated; one
 * whose contact was deleted stays closed. Closing ends a snooze.
 */
export function settingStatus(status: ConversationStatus): SharedChange {
  const name = `status ${status}`;
  const to = sql`${status}::"ConversationStatus"`;
  const isDone = sql`l."status" = ${to}`;
  if (status !== 'OPEN') {
    const closedAt = sql`COALESCE(r."closedAt", ${new Date()}::timestamptz)`;
    return {
      name,
      isDone,
      set: sql`"status" = ${to}, "closedAt" = ${closedAt}, "snoozedUntil" = NULL`,
      events: [{ type: 'conversation.status_changed', data: changedField('status', to) }],
    };
  }
  return {
    ...opening,
    name,
    isDone,
    after: { contact: contactsLocked('SHARE'), ...opening.after },
    refusal: { when: isContactDeleted, error: contactDeleted },
  };
}

/** Assigns to an agent, who must exist and be active; null unassigns. */
export function assigning({ workspaceId }: Pick<Caller, 'workspaceId'>, assigneeId: string | null): SharedChange {
  const to = sql`${assigneeId}::text`;
  const change = {
    name: `assignee ${assigneeId}`,
    isDone: sql`l."assigneeId" IS NOT DISTINCT FROM ${to}`,
    set: sql`"assigneeId" = ${to}`,
    events: [{ type: 'conversation.assigned', data: changedField('assigneeId', to) }],
  } as const;
  if (assigneeId === null) return change;
  const agent = sql`SELECT a."deactivatedAt" FROM "Agent" AS a
    WHERE a."workspaceId" = ${workspaceId} AND a."id" = ${assigneeId} FOR SHARE`;
  return {
    ...change,
    before: { agent },
    refusal: {
      when: raw('NOT EXISTS (SELECT FROM agent WHERE "deactivatedAt" IS NULL)'),
      error: () => notFound('Agent', ['assigneeId']),
    },
  };
}

export const markingRead: SharedChange = {
  name: 'read',
  isDone: raw('l."unreadCount" = 0'),
  set: raw('"unreadCount" = 0'),
  events: [{ type: 'conversation.read', data: changedField('unreadCount', raw('0')) }],
};

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
