import type { z } from 'zod';
import type { Caller } from '../../../auth/caller.js';
import { type Database, type Sql, sql, type Transaction } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { conditionsOfList } from '../../../db/lists/listing.js';
import { notFound } from '../../../errors.js';
import type { Conversation } from '../../../generated/prisma/client.js';
import { parseInput } from '../../../lib/values/validation.js';
import { lockForAssignment } from '../../agent/agent.writes.js';
import { type ConversationFilter, conversationList } from '../conversation.fields.js';
import { assignConversationsInput, setConversationsStatusInput } from '../conversation.input.js';
import { lockConversations, writeAssignee, writeStatus } from '../conversation.writes.js';

export type SetConversationsStatusInput = z.input<typeof setConversationsStatusInput>;
export type AssignConversationsInput = z.input<typeof assignConversationsInput>;

/** What a change of many conversations did. */
export interface BulkChange {
  /** Those that were changed, in the order of their ids. */
  changedIds: string[];
  /** How many of the given ids were as asked already; 0 with a filter, which takes only those that are not. */
  unchangedCount: number;
  /** Whether the filter is met by more conversations that are not as asked: the same call again takes those. */
  hasMore: boolean;
}

/** How many conversations one call by a filter changes at most. */
export const maxBulkMatches = 1_000;

export type ConversationBulkService = ReturnType<typeof conversationBulkService>;

export function conversationBulkService(db: Database) {
  return {
    /** Brings conversations to a status. @throws InvalidInput, NOT_FOUND at the first unknown id; nothing is written then. */
    setStatus(caller: Caller, input: SetConversationsStatusInput): Promise<BulkChange> {
      const { status, ...which } = parseInput(setConversationsStatusInput, input);
      const differs = sql`r."status" <> ${status}::"ConversationStatus"`;
      return db.transaction(async (tx) => {
        const { locked, ...rest } = await lockMany(tx, caller, which, differs, (row) => row.status !== status);
        return { ...rest, changedIds: idsOf(await writeStatus(tx, caller, locked, status)) };
      });
    },

    /** Gives conversations to an agent, to nobody when null. @throws InvalidInput, NOT_FOUND for the agent or an id. */
    assign(caller: Caller, input: AssignConversationsInput): Promise<BulkChange> {
      const { assigneeId: agent, ...which } = parseInput(assignConversationsInput, input);
      const assigneeId = agent == null ? null : readId('Agent', agent, ['assigneeId']);
      const differs = sql`r."assigneeId" IS DISTINCT FROM ${assigneeId}`;
      return db.transaction(async (tx) => {
        if (!(await lockForAssignment(tx, caller.workspaceId, assigneeId))) throw notFound('Agent', ['assigneeId']);
        const { locked, ...rest } = await lockMany(tx, caller, which, differs, (row) => row.assigneeId !== assigneeId);
        return { ...rest, changedIds: idsOf(await writeAssignee(tx, caller, locked, assigneeId)) };
      });
    },
  };
}

interface Which {
  ids?: readonly string[] | null | undefined;
  filter?: ConversationFilter | null | undefined;
}

/** Locks the conversations that are meant and not as asked yet, which is said in SQL and for a row that was read. */
async function lockMany(
  tx: Transaction,
  { workspaceId }: Caller,
  { ids, filter }: Which,
  differs: Sql,
  isDifferent: (row: Conversation) => boolean,
): Promise<{ locked: Conversation[]; unchangedCount: number; hasMore: boolean }> {
  if (ids == null) {
    const where = [...conditionsOfList(conversationList, workspaceId, filter), differs];
    const found = await lockConversations(tx, workspaceId, where, maxBulkMatches + 1);
    const locked = found.slice(0, maxBulkMatches);
    return { locked, unchangedCount: 0, hasMore: found.length > locked.length };
  }
  const wanted = ids.map((id, index) => readId('Conversation', id, ['ids', index]));
  const distinct = [...new Set(wanted)];
  const found = await lockConversations(tx, workspaceId, [sql`r."id" = ANY(${distinct}::text[])`]);
  if (found.length < distinct.length) {
    const known = new Set(idsOf(found));
    throw notFound('Conversation', ['ids', wanted.findIndex((id) => !known.has(id))]);
  }
  const locked = found.filter(isDifferent);
  return { locked, unchangedCount: found.length - locked.length, hasMore: false };
}

const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id).sort();
