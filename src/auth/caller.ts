import type { ApiKey, ApiKeyKind } from '../generated/prisma/client.js';
import type { KeyLimits } from '../lib/http/limits.js';
import { allScopes, type Scope } from './scopes.js';

/** Who is calling, and in which workspace: what a valid key says, or the command line for its operator. */
export interface Caller {
  workspaceId: string;
  /** The UUID of the workspace; null for the operator. */
  workspaceUuid: string | null;
  /** The currency of the workspace; null for the operator. */
  workspaceCurrency: string | null;
  /** The id of the key; null for the operator. */
  keyId: string | null;
  /** What the key that was sent is stored as, which another takes the place of by rotation; null for who sent none. */
  keyHash: string | null;
  kind: ApiKeyKind;
  /** The agent a USER key is bound to; null for API_USER keys. */
  agentId: string | null;
  scopes: ReadonlySet<Scope>;
  /** Whom the events of this caller's changes name: the agent, else the key; null for the operator. */
  actorId: string | null;
  /** What this key is given instead of what holds for every key. */
  limits: KeyLimits;
  /** Where the key may be used from; from anywhere for a token that a key has made, and while the lists are empty. */
  places: Places;
  /** Whether it may run nothing but documents that the workspace has made known. */
  onlyTrustedDocuments: boolean;
  /** The token that stands for the agent and the key; null for who bears the key itself. */
  token: Token | null;
}

export type Places = Readonly<Pick<ApiKey, 'allowedOrigins' | 'allowedNetworks'>>;

export const anywhere: Places = { allowedOrigins: [], allowedNetworks: [] };

export interface Token {
  /** One that a key has made, or one of the identity provider with which the agent signed in. */
  kind: 'SESSION' | 'SIGN_IN';
  id: string;
  expiresAt: Date;
  /** As whom the agent signed in. */
  person?: string;
}

/** Whoever runs the command line: may do everything in the workspace. */
export const operatorOf = (workspaceId: string): Caller => ({
  workspaceId,
  workspaceUuid: null,
  workspaceCurrency: null,
  keyId: null,
  keyHash: null,
  kind: 'API_USER',
  agentId: null,
  scopes: new Set(allScopes),
  actorId: null,
  limits: { maxCost: null, rateCapacity: null, rateRestore: null },
  places: anywhere,
  onlyTrustedDocuments: false,
  token: null,
});
