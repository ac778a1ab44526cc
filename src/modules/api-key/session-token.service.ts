import { generateSessionToken, hashApiKey } from '../../auth/api-key.js';
import type { Caller } from '../../auth/caller.js';
import { requireScope, type Scope } from '../../auth/scopes.js';
import { type Database, sql } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { newId } from '../../db/ids.js';
import { lockRow } from '../../db/reading/rows.js';
import { AppError, conflict } from '../../errors.js';
import type { ApiKey } from '../../generated/prisma/client.js';
import { parseInput } from '../../lib/values/validation.js';
import { recordEvents } from '../events/event.service.js';
import { requireNoSession, requireOwnAgent } from './api-key.bounds.js';
import { type NewSessionTokenInput, newSessionTokenInput } from './api-key.input.js';
import { requireActiveAgent } from './api-key.managing.js';

/** A token, which is shown this once; null when an earlier run of the request made it. */
export interface NewSessionToken {
  token: string | null;
  expiresAt: Date;
}

/** How many expired tokens are removed with each new one, and how many a workspace may have at once. */
const removedPerToken = 20;
const maxTokens = 10_000;

/** Whether the secret with this hash is the key's, or one that is still taken beside it; null for whoever sent none. */
const isTaken = ({ hash, previousHash, previousUntil }: ApiKey, keyHash: string | null): boolean =>
  keyHash === null ||
  keyHash === hash ||
  (keyHash === previousHash && previousUntil !== null && previousUntil > new Date());

export function sessionTokenService(db: Database) {
  return {
    /**
     * Makes a token that stands for an agent for some minutes.
     * @throws InvalidInput, NOT_FOUND for the agent, FORBIDDEN beyond the caller's scopes, for another agent than that of the
     *   caller's key, and for a token.
     */
    async create(caller: Caller, input: NewSessionTokenInput): Promise<NewSessionToken> {
      const { agentId: given, scopes, expiresInMinutes } = parseInput(newSessionTokenInput, input);
      const agentId = readId('Agent', given, ['agentId']);
      const { workspaceId, keyId, keyHash } = caller;
      requireNoSession(caller);
      if (keyId === null) throw new AppError('FORBIDDEN', 'A token is made with a key.');
      for (const scope of scopes) requireScope(caller.scopes, scope as Scope);
      requireOwnAgent(caller, agentId);
      const token = generateSessionToken();
      const made = await db.transaction(async (tx) => {
        // Nothing is made with a secret that is being taken back.
        const apiKey = await lockRow(tx, 'ApiKey', { workspaceId, id: keyId }, { strength: 'NO KEY UPDATE' });
        if (!isTaken(apiKey, keyHash)) throw new AppError('UNAUTHENTICATED', 'This API key is not valid any more.');
        await requireActiveAgent(tx, workspaceId, agentId);
        await tx.$executeRaw(sql`DELETE FROM "SessionToken" WHERE "workspaceId" = ${workspaceId} AND "id" IN (
          SELECT "id" FROM "SessionToken" WHERE "workspaceId" = ${workspaceId} AND "expiresAt" < now()
          ORDER BY "expiresAt" LIMIT ${removedPerToken} FOR UPDATE SKIP LOCKED)`);
        if ((await tx.sessionToken.count({ where: { workspaceId } })) >= maxTokens) {
          throw conflict([], `A workspace has at most ${maxTokens} session tokens at once.`);
        }
        const expiresAt = new Date(Date.now() + expiresInMinutes * 60_000);
        const data = { agentId, scopes, expiresAt: expiresAt.toISOString() };
        await recordEvents(tx, caller, [{ type: 'api_key.session_created', entityId: keyId, data }]);
        return tx.sessionToken.create({
          data: { workspaceId, id: newId('SessionToken'), hash: hashApiKey(token), keyId, agentId, scopes, expiresAt },
        });
      });
      return { token: made.hash === hashApiKey(token) ? token : null, expiresAt: made.expiresAt };
    },
  };
}
