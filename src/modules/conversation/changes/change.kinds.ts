import type { Caller } from '../../../auth/caller.js';
import { raw, type Sql, sql } from '../../../db/database.js';
import { notFound } from '../../../errors.js';
import type { ConversationStatus } from '../../../generated/prisma/client.js';
import { contactDeleted } from '../conversation.writes.js';
import { changedField, type RowChange, type SharedChange } from './change.statement.js';

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
