import { hashApiKey } from '../../auth/api-key.js';
import { operatorOf } from '../../auth/caller.js';
import { type OidcOptions, type SignIn, tokenVerifier } from '../../auth/oidc.js';
import { isScope } from '../../auth/scopes.js';
import { type Database, sql } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { AppError } from '../../errors.js';
import { StartError } from '../../lib/process/start-error.js';
import { recordEvents } from '../events/event.service.js';

/**
 * Agents who sign in with a token of the identity provider. Each has a key of their own from the first time on, which nobody
 * can bear: it is what the workspace narrows, limits and revokes, and what budgets and webhooks go by.
 */
export function signInBy(db: Database, options: OidcOptions): SignIn {
  const verify = tokenVerifier(options);
  const unknown = options.scopes.find((scope) => !isScope(scope));
  if (unknown !== undefined) throw new StartError(`OIDC_SCOPES holds ${unknown}, which is no scope.`);
  return {
    async identify(token) {
      const { workspace, agent, ...others } = await verify(token);
      const [found] = (await db.read(sql`SELECT a."workspaceId", a."id", EXISTS (
          SELECT FROM "ApiKey" AS r WHERE r."workspaceId" = a."workspaceId" AND r."agentId" = a."id" AND r."prefix" = ${prefix})
        FROM "Workspace" AS w JOIN "Agent" AS a ON a."workspaceId" = w."id"
        WHERE (w."id" = ${workspace} OR w."uuid"::text = ${workspace})
          AND (a."id" = ${agent} OR lower(a."email") = lower(${agent}))`)) as [string, string, boolean][];
      if (!found) throw new AppError('UNAUTHENTICATED', 'The token names no agent of a workspace here.');
      const [workspaceId, agentId, hasKey] = found;
      const keyHash = hashApiKey(`${prefix}:${workspaceId}:${agentId}`);
      if (!hasKey) await makeKey(db, { workspaceId, agentId, keyHash, scopes: [...options.scopes] });
      return { ...others, keyHash };
    },
  };
}

/** What such keys show for a beginning. No text that is a key has their hash. */
const prefix = 'oidc';

export const isSignInKey = (key: { prefix: string }): boolean => key.prefix === prefix;

interface SignInKey {
  workspaceId: string;
  agentId: string;
  keyHash: string;
  scopes: string[];
}

/** Somebody else may make it at the same time. */
async function makeKey(db: Database, { workspaceId, agentId, keyHash, scopes }: SignInKey): Promise<void> {
  const id = newId('ApiKey');
  const shown = { prefix, kind: 'USER' as const, agentId, scopes, name: 'Sign-in' };
  await db.transaction(async (tx) => {
    const data = [{ workspaceId, id, hash: keyHash, ...shown }];
    const { count } = await tx.apiKey.createMany({ data, skipDuplicates: true });
    if (count === 0) return;
    await recordEvents(tx, operatorOf(workspaceId), [
      { type: 'api_key.created', entityId: id, data: { after: shown } },
    ]);
  });
}
