import type { Caller } from '../../auth/caller.js';
import { type Database, sql, type Transaction } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { newId } from '../../db/ids.js';
import { listReader } from '../../db/lists/listing.js';
import { readRow } from '../../db/reading/rows.js';
import { agents } from '../../db/reading/tables.js';
import { orTaken } from '../../db/writing/unique.js';
import { type AppError, badInput, conflict, notFound } from '../../errors.js';
import type { Agent, Prisma } from '../../generated/prisma/client.js';
import { parseInput } from '../../lib/values/validation.js';
import { nextVersion, requireVersion } from '../../lib/values/version.js';
import { recordEvents } from '../events/event.service.js';
import { updateRecorded } from '../events/event.update.js';
import { agentList } from './agent.fields.js';
import {
  type CreateAgentInput,
  type DeactivateAgentInput,
  deactivateAgentInput,
  newAgentInput,
  type ReactivateAgentInput,
  reactivateAgentInput,
  type UpdateAgentInput,
  updateAgentInput,
} from './agent.input.js';

export type AgentRecord = Partial<Pick<Agent, 'id' | 'version' | 'createdAt' | 'updatedAt' | 'deactivatedAt'>>;

export interface AgentChange {
  agent: Agent;
  result: 'UPDATED' | 'UNCHANGED';
}

export interface AgentDeactivation extends AgentChange {
  /** How many open conversations were reassigned or became unassigned. */
  movedConversations: number;
}

/**
 * Reassigns an agent's open conversations to another agent; null unassigns them. Returns their number. Injected,
 * because the conversation module depends on this one. Both agents are locked.
 */
export type ReassignOpen = (tx: Transaction, caller: Caller, fromId: string, toId: string | null) => Promise<number>;

/**
 * Creates an agent. `record` holds the fields that an export of the agent carries, already checked.
 * @throws InvalidInput, NOT_FOUND for the workspace, CONFLICT if its id or e-mail is taken.
 */
export async function createAgent(
  db: Database,
  caller: Caller,
  input: CreateAgentInput,
  record: AgentRecord = {},
): Promise<Agent> {
  const { avatarUrl = null, ...given } = parseInput(newAgentInput, input);
  const { id = record.id ?? newId('Agent'), ...fields } = given;
  const { workspaceId } = caller;
  if ((await db.prisma.workspace.count({ where: { id: workspaceId } })) === 0) {
    throw notFound('Workspace', ['workspace']);
  }
  const work = async (tx: Transaction): Promise<Agent> => {
    const agent = await tx.agent.create({ data: { workspaceId, avatarUrl, ...fields, ...record, id } });
    await recordEvents(tx, caller, [{ type: 'agent.created', entityId: id, data: { after: fields } }]);
    return agent;
  };
  return orTaken(
    () => db.transaction(work),
    () => takenBy(db, caller, { id, email: fields.email }),
  );
}

export type AgentService = ReturnType<typeof agentService>;

export function agentService(db: Database, reassignOpen: ReassignOpen) {
  return {
    /** Creates an agent. See `createAgent`. */
    create: (caller: Caller, input: CreateAgentInput): Promise<Agent> => createAgent(db, caller, input),

    /** The workspace's agents. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list: listReader(db, agentList),

    /** Writes the given fields. @throws InvalidInput, NOT_FOUND, CONFLICT for the version or the e-mail address. */
    async update(caller: Caller, input: UpdateAgentInput): Promise<AgentChange> {
      const { id, ifVersion, ...fields } = parseInput(updateAgentInput, input);
      const work = async (tx: Transaction): Promise<AgentChange> => {
        const agent = await lock(tx, caller, id, ifVersion);
        const { row, result } = await updateRecorded(tx, caller, agent, fields, {
          type: 'agent.updated',
          write: (after) => write(tx, agent, after),
        });
        return { agent: row, result };
      };
      return orTaken(
        () => db.transaction(work),
        () => takenBy(db, caller, { email: fields.email ?? '' }),
      );
    },

    /**
     * Deactivates an agent: the open conversations are reassigned or become unassigned, API keys that act as the agent
     * are refused, and no conversation can be assigned to the agent. Closed conversations and messages keep the agent.
     * @throws NOT_FOUND for either agent, BAD_USER_INPUT if they are the same, CONFLICT for the version.
     */
    deactivate(caller: Caller, input: DeactivateAgentInput): Promise<AgentDeactivation> {
      const { id, reassignToId: given, ifVersion } = parseInput(deactivateAgentInput, input);
      const agentId = readId('Agent', id, ['id']);
      const successorId = given == null ? null : readId('Agent', given, ['reassignToId']);
      if (successorId === agentId) throw badInput(['reassignToId'], 'The conversations must go to another agent.');
      return db.transaction(async (tx) => {
        const locked = await lockAgents(tx, caller, successorId === null ? [agentId] : [agentId, successorId]);
        const agent = locked.get(agentId);
        if (!agent) throw notFound('Agent', ['id']);
        requireVersion('agent', agent, ifVersion);
        if (agent.deactivatedAt) return { agent, result: 'UNCHANGED', movedConversations: 0 };
        if (successorId !== null && locked.get(successorId)?.deactivatedAt !== null)
          throw notFound('Agent', ['reassignToId']);

        const movedConversations = await reassignOpen(tx, caller, agentId, successorId);
        const data = { after: { reassignedToId: successorId, movedConversations } };
        await recordEvents(tx, caller, [{ type: 'agent.deactivated', entityId: agentId, data }]);
        return { agent: await write(tx, agent, { deactivatedAt: new Date() }), result: 'UPDATED', movedConversations };
      });
    },

    /** Reactivates an agent, with the same API keys. @throws NOT_FOUND, CONFLICT for the version. */
    reactivate(caller: Caller, input: ReactivateAgentInput): Promise<AgentChange> {
      const { id, ifVersion } = parseInput(reactivateAgentInput, input);
      return db.transaction(async (tx) => {
        const agent = await lock(tx, caller, id, ifVersion);
        if (!agent.deactivatedAt) return { agent, result: 'UNCHANGED' };
        await recordEvents(tx, caller, [{ type: 'agent.reactivated', entityId: agent.id, data: {} }]);
        return { agent: await write(tx, agent, { deactivatedAt: null }), result: 'UPDATED' };
      });
    },
  };
}

async function lock(tx: Transaction, caller: Caller, given: string, ifVersion?: number | null): Promise<Agent> {
  const id = readId('Agent', given, ['id']);
  const agent = (await lockAgents(tx, caller, [id])).get(id);
  if (!agent) throw notFound('Agent', ['id']);
  requireVersion('agent', agent, ifVersion);
  return agent;
}

/** Locked in the order of their ids, against deadlocks, and with a lock that still lets others write rows that reference the agents. */
async function lockAgents(
  tx: Transaction,
  { workspaceId }: Caller,
  ids: readonly string[],
): Promise<Map<string, Agent>> {
  const rows = await tx.$queryRaw<Agent[]>(sql`SELECT ${agents.project().select('r')} FROM "Agent" AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = ANY(${ids}::text[]) ORDER BY r."id" FOR NO KEY UPDATE`);
  return new Map(rows.map((row) => [row.id, row]));
}

const write = (tx: Transaction, { workspaceId, id }: Agent, fields: Prisma.AgentUncheckedUpdateInput): Promise<Agent> =>
  tx.agent.update({
    where: { workspaceId_id: { workspaceId, id } },
    data: nextVersion(fields),
  });

/** The error that names the agent which has the e-mail address, or the id if one is given. */
async function takenBy(db: Database, { workspaceId }: Caller, key: { id?: string; email: string }): Promise<AppError> {
  const { id = '', email } = key;
  const holder = await readRow(
    db,
    agents,
    sql`r."workspaceId" = ${workspaceId} AND (r."id" = ${id} OR lower(r."email") = lower(${email})) LIMIT 1`,
  );
  return conflict(['email'], `An agent has this id or email: ${holder?.id}.`, holder?.id);
}
