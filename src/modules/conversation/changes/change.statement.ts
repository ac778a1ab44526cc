import { empty, join, opaque, raw, type Sql, sql } from '../../../db/database.js';
import { newId } from '../../../db/ids.js';
import { conversations } from '../../../db/reading/tables.js';
import { Overtaken } from '../../../db/writing/import-batch.js';
import type { AppError } from '../../../errors.js';
import type { Conversation } from '../../../generated/prisma/client.js';
import type { EventType } from '../../events/event.service.js';

/**
 * A change that one SQL statement can make: it locks the conversations, decides for each, and writes them with their
 * events. Rows locked by another transaction are waited for and read as that transaction left them.
 *
 * The SQL parts use these aliases: `l` is a locked conversation, `d` is `l` with the decision, and `r` is the row to
 * write.
 */
export interface RowChange {
  /** WITH clauses by name: rows to lock before the conversations, and after them (using `l`). They end with FOR. */
  before?: Record<string, Sql>;
  after?: Record<string, Sql>;
  /** Further WITH clauses by name, using `l`. */
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

/** A change that requests share: calls with the same name at the same time are one statement. */
export interface SharedChange extends RowChange {
  /** Names the change with its values. */
  name: string;
}

/** A conversation to change, for whom, and the version that it must have. */
export interface Asked {
  id: string;
  actorId: string | null;
  ifVersion?: number | null | undefined;
}

/** The condition on `d` that the change was made. */
export const isMade = raw(`d.outcome = 'UPDATED'`);

const never = raw('false');

/**
 * The statement that applies a change to the existing ones of these conversations. Returns each with its outcome.
 * CONFLICT means that the version is not `ifVersion`. With `isPatient` false, nobody waits while conversations are
 * locked: those that others have locked are left out, and the statement fails if others have locked a row to lock after
 * them.
 */
export function changing(
  workspaceId: string,
  asked: readonly Asked[],
  { before = {}, after = {}, with: beside = {}, decided = empty, writes = {}, set, answer, ...change }: RowChange,
  { isPatient = true } = {},
): Sql {
  const ids = asked.map(({ id }) => id);
  const own = sql`r."workspaceId" = ${workspaceId} AND r."id" = ${ids.length === 1 ? ids[0] : sql`ANY(${opaque(ids)}::text[])`}`;
  const columns = (alias: string): Sql => conversations.project().select(alias);
  // Counting the rows ensures that they are locked before the conversations.
  const first = Object.keys(before).map((name) => sql`AND (SELECT count(*) FROM ${raw(name)}) >= 0`);
  const second = Object.entries(after).map(([name, rows]) => [name, sql`${rows} ${isPatient ? empty : noWait}`]);
  const parts: Record<string, Sql> = {
    ...before,
    asked: sql`SELECT * FROM unnest(${ids}::text[], ${asked.map(({ actorId }) => actorId)}::text[],
      ${asked.map(({ ifVersion = null }) => ifVersion)}::int[]) AS a("id", "actorId", "ifVersion")`,
    l: sql`SELECT ${columns('r')} FROM "Conversation" AS r WHERE ${own} ${join([empty, ...first], ' ')} ORDER BY r."id"
      FOR UPDATE ${isPatient ? empty : skipLocked}`,
    ...Object.fromEntries(second),
    ...beside,
    d: sql`SELECT l.* ${decided}, a."actorId" AS actor, row_number() OVER (ORDER BY l."id") AS place, CASE
      WHEN ${change.isRepeated ?? never} THEN 'UNCHANGED' WHEN l."version" <> a."ifVersion" THEN 'CONFLICT' WHEN ${change.isDone ?? never} THEN 'UNCHANGED'
      WHEN ${change.isOvertaken ?? never} THEN 'OVERTAKEN' WHEN ${change.refusal?.when ?? never} THEN 'REFUSED'
      ELSE 'UPDATED' END AS outcome FROM l JOIN asked AS a ON a."id" = l."id"`,
    ...writes,
    ...(change.events.length > 0 && { recorded: recording(workspaceId, ids.length, change.events) }),
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

const skipLocked = raw('SKIP LOCKED');
const noWait = raw('NOWAIT');

/** Creates an id for every event that may be recorded. */
function recording(workspaceId: string, most: number, events: RowChange['events']): Sql {
  const ids = Array.from({ length: most * events.length }, () => newId('DomainEvent'));
  const rows = events.map(({ type, data, entityId, when = raw('true') }, turn) => {
    const entity = entityId === undefined ? raw('d."id"') : sql`${entityId}::text`;
    return sql`SELECT d.actor, ${type}::text AS type, ${entity} AS entity, ${data} AS data, (d.place - 1) * ${events.length}::int + ${turn + 1}::int AS turn
      FROM d WHERE ${isMade} AND ${when}`;
  });
  return sql`INSERT INTO "DomainEvent" ("workspaceId", "id", "actorId", "type", "entityId", "data")
    SELECT ${workspaceId}, (${opaque(ids)}::text[])[e.turn], e.actor, e.type, e.entity, e.data
    FROM (${join(rows, ' UNION ALL ')}) AS e ORDER BY e.turn`;
}

export const isWritten = ({ outcome }: ChangedConversation): boolean => outcome === 'UPDATED';

/** Whether any of the conversations was written. */
export const hasWritten = (rows: readonly ChangedConversation[]): boolean => rows.some(isWritten);

/** @throws Overtaken, or the error with which the change refuses. */
export function throwRefusal({ refusal }: RowChange, changed: ChangedConversation, path: readonly string[]): void {
  if (changed.outcome === 'OVERTAKEN') throw new Overtaken();
  if (refusal && changed.outcome === 'REFUSED') throw refusal.error(changed, path);
}
