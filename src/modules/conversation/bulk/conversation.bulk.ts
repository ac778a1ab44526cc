import type { Caller } from '../../../auth/caller.js';
import { requireScope } from '../../../auth/scopes.js';
import { type Database, empty, type Sql, sql, type Transaction } from '../../../db/database.js';
import { readId } from '../../../db/global-id.js';
import { conditionsOfList } from '../../../db/lists/listing.js';
import { notFound } from '../../../errors.js';
import type { Conversation } from '../../../generated/prisma/client.js';
import { parseInput } from '../../../lib/values/validation.js';
import { lockForAssignment } from '../../agent/agent.writes.js';
import { assigning, settingStatus } from '../changes/change.kinds.js';
import { writeChange } from '../changes/change.writes.js';
import { type ConversationFilter, conversationListFor } from '../conversation.fields.js';
import { isOrphaned, lockConversations } from '../conversation.writes.js';
import {
  type AssignConversationsInput,
  assignConversationsInput,
  maxMatches,
  type SetConversationsStatusInput,
  setConversationsStatusInput,
} from './conversation.bulk.input.js';

/** The result of a bulk change. */
export interface BulkChange {
  /** The ids of the changed conversations, sorted. */
  changedIds: string[];
  /** How many of the given ids needed no change; 0 with a filter, which selects only conversations that need one. */
  unchangedCount: number;
  /** Whether more conversations match the filter and need the change. The same call again changes those. */
  hasMore: boolean;
}

export function conversationBulkService(db: Database) {
  return {
    /** Sets the status of conversations. @throws InvalidInput; NOT_FOUND for the first unknown id, and then nothing is written. */
    setStatus(caller: Caller, input: SetConversationsStatusInput): Promise<BulkChange> {
      const { status, ...which } = parseInput(setConversationsStatusInput, input);
      requireToChoose(caller, which);
      const canChange = status === 'OPEN' ? sql`AND NOT ${isOrphaned}` : empty;
      const differs = sql`r."status" <> ${status}::"ConversationStatus" ${canChange}`;
      return db.transaction(async (tx) => {
        const { locked, ...rest } = await lockMany(tx, caller, which, differs, (row) => row.status !== status);
        return { ...rest, changedIds: idsOf(await writeChange(tx, caller, idsOf(locked), settingStatus(status))) };
      });
    },

    /** Assigns conversations to an agent; null unassigns them. @throws InvalidInput, NOT_FOUND for the agent or an id. */
    assign(caller: Caller, input: AssignConversationsInput): Promise<BulkChange> {
      const { assigneeId: agent, ...which } = parseInput(assignConversationsInput, input);
      const assigneeId = agent == null ? null : readId('Agent', agent, ['assigneeId']);
      requireToChoose(caller, which);
      const differs = sql`r."assigneeId" IS DISTINCT FROM ${assigneeId}`;
      return db.transaction(async (tx) => {
        if (!(await lockForAssignment(tx, caller.workspaceId, assigneeId))) throw notFound('Agent', ['assigneeId']);
        const { locked, ...rest } = await lockMany(tx, caller, which, differs, (row) => row.assigneeId !== assigneeId);
        return {
          ...rest,
          changedIds: idsOf(await writeChange(tx, caller, idsOf(locked), assigning(caller, assigneeId))),
        };
      });
    },
  };
}

interface Which {
  ids?: readonly string[] | null | undefined;
  filter?: ConversationFilter | null | undefined;
}

/** The matches of a filter reveal data of conversations, so the caller must be able to read them. @throws FORBIDDEN */
function requireToChoose({ scopes }: Caller, { filter }: Which): void {
  if (filter && Object.keys(filter).length > 0) requireScope(scopes, 'conversations:read');
}

/** Locks the selected conversations that need the change. `differs` and `isDifferent` are the same condition, in SQL and for a row. */
async function lockMany(
  tx: Transaction,
  { workspaceId, scopes }: Caller,
  { ids, filter }: Which,
  differs: Sql,
  isDifferent: (row: Conversation) => boolean,
): Promise<{ locked: Conversation[]; unchangedCount: number; hasMore: boolean }> {
  if (ids == null) {
    const where = [...conditionsOfList(conversationListFor(scopes), workspaceId, filter), differs];
    const found = await lockConversations(tx, workspaceId, where, maxMatches + 1);
    const locked = found.slice(0, maxMatches);
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
