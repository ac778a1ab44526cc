import { EnvironmentError, quote, type Reader } from './reader.js';

/** The identity provider (OpenID Connect) that is trusted to identify agents. */
export interface SignInSettings {
  issuer: string;
  /** The required audience of its tokens. */
  audience: string;
  /** The claims that identify the workspace and the agent. */
  workspaceClaim: string;
  agentClaim: string;
  /** The scopes of agents who sign in. */
  scopes: string[];
}

const defaultScopes = [
  'customers:read',
  'customers:write',
  'conversations:read',
  'conversations:write',
  'analytics:read',
  'links:read',
];

/** Checks the syntax of scopes. Whether they exist is checked where they are used. @throws EnvironmentError */
export function readSignInSettings({ value, url }: Reader): { oidc?: SignInSettings } {
  const issuer = url('OIDC_ISSUER', 'http');
  const audience = value('OIDC_AUDIENCE');
  const workspaceClaim = value('OIDC_WORKSPACE_CLAIM') ?? 'workspace';
  const agentClaim = value('OIDC_AGENT_CLAIM') ?? 'email';
  const scopes = value('OIDC_SCOPES')?.split(/[\s,]+/) ?? defaultScopes;
  if (issuer === undefined) return {};
  if (audience === undefined) {
    throw new EnvironmentError('OIDC_AUDIENCE', 'is missing beside OIDC_ISSUER', 'what its tokens are made for');
  }
  const unknown = scopes.find((scope) => !/^[a-zA-Z]+:[a-z]+$/.test(scope));
  if (unknown !== undefined)
    throw new EnvironmentError('OIDC_SCOPES', `holds ${quote(unknown)}`, 'scopes such as customers:read');
  return { oidc: { issuer, audience, workspaceClaim, agentClaim, scopes } };
}
