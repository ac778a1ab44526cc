import { raw, type Sql, sql } from '../../../db/database.js';
import { conflict } from '../../../errors.js';
import type { Conversation } from '../../../generated/prisma/client.js';
import type { NewEvent } from '../../events/event.service.js';
import { changedField, type RowEvent, type SharedChange } from '../changes/change.statement.js';

/** Whether the conversation is snoozed now. A snooze ends at its time without a write. */
export const isSnoozed = ({ snoozedUntil }: Pick<Conversation, 'snoozedUntil'>): boolean =>
  snoozedUntil !== null && snoozedUntil.getTime() > Date.now();

/**
 * The same in SQL for the rows of an alias. Also compares with the clock of this process. The first condition is that
 * of the index.
 */
export const isSnoozedRow = (alias: 'r' | 'l' | 'd'): Sql => {
  const until = raw(`${alias}."snoozedUntil"`);
  return sql`(${until} IS NOT NULL AND ${until} > ${new Date()}::timestamptz)`;
};

/** The event that the snooze of a conversation ends before its time. */
export const unsnoozed = ({ id, snoozedUntil }: Pick<Conversation, 'id' | 'snoozedUntil'>): NewEvent => ({
  type: 'conversation.unsnoozed',
  entityId: id,
  data: { before: { snoozedUntil: snoozedUntil?.toISOString() ?? null }, after: { snoozedUntil: null } },
});

/** A time in the data of an event. */
const asTold = (time: Sql): Sql => sql`to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The data of an event that a snooze begins, changes its time, or ends before its time. */
const snoozeData = (until: Sql): Sql => changedField('snoozedUntil', until, asTold(raw('d."snoozedUntil"')));

/** The event that a snooze is ended, of the conversations that are snoozed. */
export const snoozeEnded = (): RowEvent => ({
  type: 'conversation.unsnoozed',
  data: snoozeData(raw('NULL::text')),
  when: isSnoozedRow('d'),
});

/** Snoozes open conversations. */
export const snoozing = (until: Date): SharedChange => {
  const to = sql`${until}::timestamptz`;
  return {
    name: `snooze ${until.toISOString()}`,
    isDone: sql`l."status" = 'OPEN' AND l."snoozedUntil" IS NOT DISTINCT FROM ${to}`,
    refusal: {
      when: raw(`l."status" <> 'OPEN'`),
      error: ({ id }) => conflict(['id'], 'Only an open conversation can be snoozed.', id),
    },
    set: sql`"snoozedUntil" = ${to}`,
    events: [{ type: 'conversation.snoozed', data: snoozeData(asTold(to)) }],
  };
};

/** Ends a snooze. */
export const unsnoozing = (): SharedChange => ({
  name: 'unsnooze',
  isDone: sql`NOT ${isSnoozedRow('l')}`,
  set: raw('"snoozedUntil" = NULL'),
  events: [snoozeEnded()],
});
