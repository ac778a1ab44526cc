import DataLoader from 'dataloader';
import type { Database } from '../../db/database.js';
import { readRows } from '../../db/reading/rows.js';
import { agents } from '../../db/reading/tables.js';
import type { Agent } from '../../generated/prisma/client.js';

export type AgentLoaders = ReturnType<typeof agentLoaders>;

export function agentLoaders(db: Database, workspaceId: string) {
  return {
    /** Agents by id; null where the workspace has none. */
    byId: new DataLoader<string, Agent | null>((ids) => readRows(db, agents, workspaceId, ids)),
  };
}
