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

/** A token, which is shown only once; null when an earlier run of the request created it. */
export interface NewSessionToken {
  token: string | null;
  expiresAt: Date;
}

/** How many expired tokens are removed with each new one, and how many a workspace may have at once. */
const removedPerToken = 20;
const maxTokens = 10_000;

/**
 * Whether the secret with this hash is that of the key, or a previous one that is still valid. A null hash means that
 * no secret was sent.
 */
const isTaken = ({ hash, previousHash, previousUntil }: ApiKey, keyHash: string | null): boolean =>
  keyHash === null ||
  keyHash === hash ||
  (keyHash === previousHash && previousUntil !== null && previousUntil > new Date());

export function sessionTokenService(db: Database) {
  return {
    /**
     * Creates a token that acts as an agent for some minutes.
     * @throws InvalidInput, NOT_FOUND for the agent; FORBIDDEN for scopes that the caller lacks, for another agent than
     * that of the caller's key, and for callers with a token.
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
        // Locked, so that no token is created with a secret that is being revoked.
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
