import type { ApiKeyKind } from '../../generated/prisma/client.js';
import type { Scope } from './scopes.js';

/** Who is calling, and in which workspace: what a valid key says, or the command line for its operator. */
export interface Caller {
  workspaceId: string;
  kind: ApiKeyKind;
  /** The agent a USER key is bound to; null for API_USER keys. */
  agentId: string | null;
  scopes: ReadonlySet<Scope>;
  /** The agent, else the key: what the events of this caller's changes name. */
  actorId: string;
}
