import { opaque, sql, type Transaction } from '../../db/database.js';
import type { Agent } from '../../generated/prisma/client.js';

/** What a change of conversations must know of an agent. */
export type HeldAgent = Pick<Agent, 'id' | 'deactivatedAt'>;

/**
 * The agents of the workspace with these ids. Until the transaction ends nobody deactivates those who are active, so
 * that no conversation goes to an agent who is just leaving. Assigning holds the agent before it locks conversations, as
 * deactivating does; only what opens a conversation must read it first to know whom to hold.
 */
export async function holdAgents(
  tx: Transaction,
  workspaceId: string,
  ids: readonly string[],
): Promise<Map<string, HeldAgent>> {
  const agents = await tx.$queryRaw<HeldAgent[]>(sql`SELECT a."id", a."deactivatedAt" FROM "Agent" AS a
    WHERE a."workspaceId" = ${workspaceId} AND a."id" = ANY(${opaque(ids)}::text[]) ORDER BY a."id" FOR SHARE`);
  return new Map(agents.map((agent) => [agent.id, agent]));
}

/** Whether a conversation can be assigned to this agent. */
export const isAssignable = (agent: HeldAgent | undefined): boolean => agent?.deactivatedAt === null;

/**
 * Whether conversations can be assigned to the agent, who then stays active until the transaction ends; to nobody they
 * always can.
 */
export async function holdForAssignment(tx: Transaction, workspaceId: string, id: string | null): Promise<boolean> {
  return id === null || isAssignable((await holdAgents(tx, workspaceId, [id])).get(id));
}
