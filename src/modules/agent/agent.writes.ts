import { opaque, sql, type Transaction } from '../../db/database.js';
import type { Agent } from '../../generated/prisma/client.js';

/** An agent whose row is locked for reading. */
export type LockedAgent = Pick<Agent, 'id' | 'deactivatedAt'>;

/**
 * The agents of the workspace with these ids, locked for reading: until the transaction ends no other can deactivate them,
 * so that no conversation is assigned to an agent who is being deactivated. Locks are taken in the order agent, conversation,
 * as deactivation does. Only reopening a conversation must lock the conversation first, to learn its assignee.
 */
export async function lockAgentsForReading(
  tx: Transaction,
  workspaceId: string,
  ids: readonly string[],
): Promise<Map<string, LockedAgent>> {
  const agents = await tx.$queryRaw<LockedAgent[]>(sql`SELECT a."id", a."deactivatedAt" FROM "Agent" AS a
    WHERE a."workspaceId" = ${workspaceId} AND a."id" = ANY(${opaque(ids)}::text[]) ORDER BY a."id" FOR SHARE`);
  return new Map(agents.map((agent) => [agent.id, agent]));
}

/** Whether a conversation can be assigned to this agent. */
export const isAssignable = (agent: LockedAgent | undefined): boolean => agent?.deactivatedAt === null;

/**
 * Whether conversations can be assigned to the agent; if so, nobody can deactivate the agent until the transaction ends.
 * A null id, which unassigns, is always possible.
 */
export async function lockForAssignment(tx: Transaction, workspaceId: string, id: string | null): Promise<boolean> {
  return id === null || isAssignable((await lockAgentsForReading(tx, workspaceId, [id])).get(id));
}
