import { z } from 'zod';
import { type Database, isUniqueViolation, sql } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { type Connection, readConnection } from '../../db/listing.js';
import { readRow } from '../../db/rows.js';
import { agents } from '../../db/tables.js';
import { conflict, notFound } from '../../errors.js';
import type { Agent } from '../../generated/prisma/client.js';
import { email, name, parseInput, webUrl } from '../../lib/validation.js';
import { recordEvents } from '../events/event.service.js';
import type { Caller } from '../workspace/caller.js';
import { type AgentListArguments, agentListing } from './agent.listing.js';

const createAgentInput = z.object({
  id: z
    .string()
    .regex(/^agt_[A-Za-z0-9_-]{1,120}$/, 'Must be agt_ and letters, digits, "_" or "-".')
    .optional(),
  name: name(255),
  email,
  avatarUrl: webUrl.optional(),
});

export type CreateAgentInput = z.input<typeof createAgentInput>;

export type AgentService = ReturnType<typeof agentService>;

export function agentService(db: Database) {
  return {
    /** The workspace's agents. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list({ workspaceId }: Caller, args: AgentListArguments): Promise<Connection<Agent>> {
      return readConnection(db, agentListing(workspaceId, args));
    },

    /** Creates an agent. @throws InvalidInput, NOT_FOUND for the workspace, CONFLICT when its id or e-mail is taken. */
    async create(caller: Caller, input: CreateAgentInput): Promise<Agent> {
      const { id = newId('Agent'), avatarUrl, ...fields } = parseInput(createAgentInput, input);
      const { workspaceId } = caller;
      if ((await db.prisma.workspace.count({ where: { id: workspaceId } })) === 0) {
        throw notFound('Workspace', ['workspace']);
      }
      try {
        return await db.transaction(async (tx) => {
          const agent = await tx.agent.create({ data: { workspaceId, id, avatarUrl: avatarUrl ?? null, ...fields } });
          await recordEvents(tx, caller, [{ type: 'agent.created', entityId: id, data: { after: fields } }]);
          return agent;
        });
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        const holder = await readRow(
          db,
          agents,
          sql`r."workspaceId" = ${workspaceId} AND (r."id" = ${id} OR lower(r."email") = lower(${fields.email})) LIMIT 1`,
        );
        throw conflict(['email'], `An agent has this id or email: ${holder?.id}.`, holder?.id);
      }
    },
  };
}
