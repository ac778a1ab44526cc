import type { Caller } from '../../auth/caller.js';
import {
  type Database,
  empty,
  join,
  opaque,
  raw,
  type Sql,
  sql,
  type Transaction,
  writeIn,
} from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { newId } from '../../db/ids.js';
import { conversations } from '../../db/reading/tables.js';
import { Overtaken } from '../../db/writing/import-batch.js';
import { type AppError, notFound } from '../../errors.js';
import type { Conversation, ConversationStatus } from '../../generated/prisma/client.js';
import { requireVersion } from '../../lib/values/version.js';
import type { EventType } from '../events/event.service.js';
import { contactDeleted, lockConversations } from './conversation.writes.js';

/**
 * A change that one SQL statement can make: it locks the conversations, decides for each, and writes them with their
 * events. Rows locked by another transaction are waited for and read as that transaction left them.
 *
 * The SQL parts use these aliases: `l` is a locked conversation, `d` is `l` with the decision, and `r` is the row to
 * write.
 */
export interface RowChange {
  /** WITH clauses by name: rows to lock for reading before the conversations, and after them (using `l`). */
  before?: Record<string, Sql>;
  with?: Record<string, Sql>;
  /** Further columns of `d`. */
  decided?: Sql;
  /** On `l`: an earlier call has already made this change, whatever the version is now. */
  isRepeated?: Sql;
  /** On `l`: nothing needs to be done. */
  isDone?: Sql;
  /** On `l`: the conversation has changed since the change was prepared, which must then be prepared again. */
  isOvertaken?: Sql;
  /** On `l`: the change is refused for another reason, and the error for that. */
  refusal?: { when: Sql; error(conversation: Pick<Conversation, 'id'>, path: readonly string[]): AppError };
  /** The assignments to `r`, using `d`. When left out, the conversations are not written. */
  set?: Sql;
  /** Further WITH clauses that write rows, by name, using `d`. */
  writes?: Record<string, Sql>;
  /** Further columns of the result, and the join that provides them. */
  answer?: { columns: Sql; join: Sql };
  /** The events for each written row of `d`, in this order. */
  events: readonly RowEvent[];
}

/** An event of a conversation or of another entity. The expressions use `d`. */
export interface RowEvent {
  type: EventType;
  data: Sql;
  entityId?: string;
  when?: Sql;
}

/** The data of an event that a field was changed: the field before, and its new value. */
export function changedField(field: keyof Conversation, value: Sql, before: Sql = raw(`d."${field}"`)): Sql {
  const name = raw(`'${field}'`);
  return sql`jsonb_build_object('before', jsonb_build_object(${name}, ${before}), 'after', jsonb_build_object(${name}, ${value}))`;
}

/** A conversation after a change, and the outcome of the change. */
export type ChangedConversation = Conversation & {
  outcome: 'UPDATED' | 'UNCHANGED' | 'CONFLICT' | 'OVERTAKEN' | 'REFUSED';
};

/** The condition on `d` that the change was made. */
export const isMade = raw(`d.outcome = 'UPDATED'`);

const never = raw('false');

/**
 * The statement that applies a change to the existing ones of these conversations. Returns each with its outcome.
 * CONFLICT means that the version is not `ifVersion`.
 */
export function changing(
  { workspaceId, actorId }: Pick<Caller, 'workspaceId' | 'actorId'>,
  ids: readonly string[],
  { before = {}, with: beside = {}, decided = empty, writes = {}, set, answer, ...change }: RowChange,
  ifVersion?: number | null,
): Sql {
  const own = sql`r."workspaceId" = ${workspaceId} AND r."id" = ${ids.length === 1 ? ids[0] : sql`ANY(${opaque(ids)}::text[])`}`;
  const columns = (alias: string): Sql => conversations.project().select(alias);
  // Counting the rows ensures that they are locked before the conversations.
  const first = Object.keys(before).map((name) => sql`AND (SELECT count(*) FROM ${raw(name)}) >= 0`);
  const isOther = ifVersion == null ? never : sql`l."version" <> ${ifVersion}`;
  const parts: Record<string, Sql> = {
    ...before,
    l: sql`SELECT ${columns('r')} FROM "Conversation" AS r WHERE ${own} ${join([empty, ...first], ' ')} ORDER BY r."id" FOR UPDATE`,
    ...beside,
    d: sql`SELECT l.* ${decided}, row_number() OVER (ORDER BY l."id") AS place, CASE
      WHEN ${change.isRepeated ?? never} THEN 'UNCHANGED' WHEN ${isOther} THEN 'CONFLICT' WHEN ${change.isDone ?? never} THEN 'UNCHANGED'
      WHEN ${change.isOvertaken ?? never} THEN 'OVERTAKEN' WHEN ${change.refusal?.when ?? never} THEN 'REFUSED'
      ELSE 'UPDATED' END AS outcome FROM l`,
    ...writes,
    ...(change.events.length > 0 && { recorded: recording({ workspaceId, actorId }, ids.length, change.events) }),
    written: set
      ? sql`UPDATE "Conversation" AS r
        SET ${set}, "version" = r."version" + 1, "updatedAt" = ${new Date()}::timestamptz
        FROM d WHERE ${own} AND r."id" = d."id" AND ${isMade} RETURNING ${columns('r')}`
      : sql`SELECT ${columns('d')} FROM d WHERE ${isMade}`,
  };
  const all = Object.entries(parts).map(([name, part]) => sql`${raw(name)} AS (${part})`);
  const more = answer ? sql`, ${answer.columns}` : empty;
  const joined = answer?.join ?? empty;
  return sql`WITH ${join(all, ', ')} SELECT ${columns('written')}, 'UPDATED' AS outcome ${more} FROM written ${joined}
    UNION ALL SELECT ${columns('d')}, d.outcome ${more} FROM d ${joined} WHERE NOT ${isMade}`;
}

/** Creates an id for every event that may be recorded. */
function recording(
  { workspaceId, actorId }: Pick<Caller, 'workspaceId' | 'actorId'>,
  most: number,
  events: RowChange['events'],
): Sql {
  const ids = Array.from({ length: most * events.length }, () => newId('DomainEvent'));
  const rows = events.map(({ type, data, entityId, when = raw('true') }, turn) => {
    const entity = entityId === undefined ? raw('d."id"') : sql`${entityId}::text`;
    return sql`SELECT ${type}::text AS type, ${entity} AS entity, ${data} AS data, (d.place - 1) * ${events.length}::int + ${turn + 1}::int AS turn
      FROM d WHERE ${isMade} AND ${when}`;
  });
  return sql`INSERT INTO "DomainEvent" ("workspaceId", "id", "actorId", "type", "entityId", "data")
    SELECT ${workspaceId}, (${opaque(ids)}::text[])[e.turn], ${actorId}, e.type, e.entity, e.data
    FROM (${join(rows, ' UNION ALL ')}) AS e ORDER BY e.turn`;
}

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
  with: {
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
export function settingStatus(status: ConversationStatus): RowChange {
  const to = sql`${status}::"ConversationStatus"`;
  const isDone = sql`l."status" = ${to}`;
  if (status !== 'OPEN') {
    const closedAt = sql`COALESCE(r."closedAt", ${new Date()}::timestamptz)`;
    return {
      isDone,
      set: sql`"status" = ${to}, "closedAt" = ${closedAt}, "snoozedUntil" = NULL`,
      events: [{ type: 'conversation.status_changed', data: changedField('status', to) }],
    };
  }
  return {
    ...opening,
    isDone,
    with: { contact: contactsLocked('SHARE'), ...opening.with },
    refusal: { when: isContactDeleted, error: contactDeleted },
  };
}

/** Assigns to an agent, who must exist and be active; null unassigns. */
export function assigning({ workspaceId }: Pick<Caller, 'workspaceId'>, assigneeId: string | null): RowChange {
  const to = sql`${assigneeId}::text`;
  const change = {
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

export const markingRead: RowChange = {
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
  const changed = await writeIn(tx, changing(caller, ids, change), caller.workspaceId, hasWritten);
  for (const one of changed) throwRefusal(change, one, path);
  return changed.filter(isWritten);
}

/** Makes a change to one conversation. @throws NOT_FOUND, CONFLICT for the version, what the change refuses. */
export async function changeOne(
  db: Database,
  caller: Caller,
  id: string,
  change: RowChange,
  ifVersion?: number | null,
): Promise<{ conversation: Conversation; result: 'UPDATED' | 'UNCHANGED' }> {
  const statement = changing(caller, [readId('Conversation', id, ['id'])], change, ifVersion);
  const [row] = await db.write<ChangedConversation>(statement, caller.workspaceId, hasWritten);
  if (!row) throw notFound('Conversation', ['id']);
  throwRefusal(change, row, ['id']);
  const { outcome, ...conversation } = row;
  if (outcome === 'CONFLICT') requireVersion('conversation', conversation, ifVersion);
  return { conversation, result: outcome === 'UPDATED' ? 'UPDATED' : 'UNCHANGED' };
}

const isWritten = ({ outcome }: ChangedConversation): boolean => outcome === 'UPDATED';

/** Whether any of the conversations was written. */
export const hasWritten = (rows: readonly ChangedConversation[]): boolean => rows.some(isWritten);

/** @throws Overtaken, or the error with which the change refuses. */
export function throwRefusal({ refusal }: RowChange, changed: ChangedConversation, path: readonly string[]): void {
  if (changed.outcome === 'OVERTAKEN') throw new Overtaken();
  if (refusal && changed.outcome === 'REFUSED') throw refusal.error(changed, path);
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
