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
 * Agents who sign in with a token of the identity provider. At the first sign-in each gets a key without a usable
 * secret. With this key the workspace can restrict, limit and revoke the agent's access, and budgets and webhooks refer
 * to it.
 */
export function signInBy(db: Database, options: OidcOptions): SignIn {
  const verify = tokenVerifier(options);
  const unknown = options.scopes.find((scope) => !isScope(scope));
  if (unknown !== undefined) throw new StartError(`OIDC_SCOPES holds ${unknown}, which is no scope.`);
  return {
    async identify(token) {
      const { workspace, agent, madeAt, ...others } = await verify(token);
      const [found] = (await db.read(sql`SELECT a."workspaceId", a."id", r."signsInAs"
        FROM "Workspace" AS w JOIN "Agent" AS a ON a."workspaceId" = w."id"
        LEFT JOIN "ApiKey" AS r ON r."workspaceId" = a."workspaceId" AND r."agentId" = a."id" AND r."prefix" = ${prefix}
        WHERE (w."id" = ${workspace} OR w."uuid"::text = ${workspace})
          AND (a."id" = ${agent} OR lower(a."email") = lower(${agent}))`)) as [string, string, string | null][];
      if (!found) throw new AppError('UNAUTHENTICATED', 'The token names no agent of a workspace here.');
      const [workspaceId, agentId, signsInAs] = found;
      const keyHash = hashApiKey(`${prefix}:${workspaceId}:${agentId}`);
      const { person } = others;
      if (signsInAs !== person) {
        await bind(db, { workspaceId, agentId, keyHash, person, madeAt, scopes: [...options.scopes] });
      }
      return { ...others, keyHash };
    },
  };
}

/** The prefix shown for such keys. Their stored hash is not that of any key text. */
const prefix = 'oidc';

export const isSignInKey = (key: { prefix: string }): boolean => key.prefix === prefix;

interface SignInKey {
  workspaceId: string;
  agentId: string;
  keyHash: string;
  person: string;
  /** When the token was issued. */
  madeAt: Date;
  scopes: string[];
}

/**
 * Creates the key of an agent who has none, and binds it to the first person who signs in. After the operator has
 * replaced the issuer, the first person of the new issuer is bound. The e-mail address alone is not enough, because
 * anybody who can change agents' addresses could sign in as any of them. After a rotation, tokens from before it are
 * refused, because the browser of the previous person would take the key back at once.
 * @throws UNAUTHENTICATED when the key is bound to somebody else, or the token is too old for a key that is free again.
 */
async function bind(db: Database, { workspaceId, agentId, keyHash, person, madeAt, scopes }: SignInKey): Promise<void> {
  const id = newId('ApiKey');
  const shown = { prefix, kind: 'USER' as const, agentId, scopes, name: 'Sign-in' };
  await db.transaction(async (tx) => {
    const data = [{ workspaceId, id, hash: keyHash, signsInAs: person, ...shown }];
    // Another request may create it at the same time.
    const { count } = await tx.apiKey.createMany({ data, skipDuplicates: true });
    if (count > 0) {
      await recordEvents(tx, operatorOf(workspaceId), [
        { type: 'api_key.created', entityId: id, data: { after: shown } },
      ]);
      return;
    }
    const { signsInAs, updatedAt } = await tx.apiKey.findUniqueOrThrow({ where: { hash: keyHash } });
    if (signsInAs === person) return;
    if (signsInAs !== null && issuerOf(signsInAs) === issuerOf(person)) throw taken();
    if (signsInAs === null && updatedAt !== null && madeAt.getTime() < secondOf(updatedAt)) throw tooOld();
    // Only if no other request was faster.
    const bound = await tx.apiKey.updateMany({ where: { hash: keyHash, signsInAs }, data: { signsInAs: person } });
    if (bound.count === 0) throw taken();
  });
}

const taken = () => new AppError('UNAUTHENTICATED', 'Somebody else signs in as this agent.');
const tooOld = () => new AppError('UNAUTHENTICATED', 'The sign-in of this agent was changed since; sign in again.');

/** The time in whole seconds, which is how exactly tokens state when they were issued. */
const secondOf = (time: Date): number => Math.floor(time.getTime() / 1_000) * 1_000;

/** `person` is the issuer, a blank, and the issuer's name for the person. A URL contains no blanks. */
const issuerOf = (person: string): string => person.slice(0, person.indexOf(' '));
