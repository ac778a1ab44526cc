import type { ApiKey, ApiKeyKind } from '../generated/prisma/client.js';
import type { KeyLimits } from '../lib/http/limits.js';
import { allScopes, type Scope } from './scopes.js';

/** The caller and the workspace: from a valid key, or the operator at the command line. */
export interface Caller {
  workspaceId: string;
  /** The UUID of the workspace; null for the operator. */
  workspaceUuid: string | null;
  /** The currency of the workspace; null for the operator. */
  workspaceCurrency: string | null;
  /** The id of the key; null for the operator. */
  keyId: string | null;
  /** The hash of the key that was sent. A rotation replaces it. Null when no key was sent. */
  keyHash: string | null;
  kind: ApiKeyKind;
  /** The agent a USER key is bound to; null for API_USER keys. */
  agentId: string | null;
  scopes: ReadonlySet<Scope>;
  /** The actor in the events of this caller's changes: the agent, else the key; null for the operator. */
  actorId: string | null;
  /** The limits of this key where they differ from the general ones. */
  limits: KeyLimits;
  /** The places from where the key may be used. Empty lists allow every place, and so do tokens that a key has made. */
  places: Places;
  /** Whether it may run only trusted documents. */
  onlyTrustedDocuments: boolean;
  /** The token that was sent instead of the key; null when the key itself was sent. */
  token: Token | null;
}

export type Places = Readonly<Pick<ApiKey, 'allowedOrigins' | 'allowedNetworks'>>;

export const anywhere: Places = { allowedOrigins: [], allowedNetworks: [] };

export interface Token {
  /** SESSION: made by a key. SIGN_IN: from the identity provider with which the agent signed in. */
  kind: 'SESSION' | 'SIGN_IN';
  id: string;
  expiresAt: Date;
  /** The person who signed in: the issuer and its identifier of the person. */
  person?: string;
}

/** The operator at the command line, who may do everything in the workspace. */
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
