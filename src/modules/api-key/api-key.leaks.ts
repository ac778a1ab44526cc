import { hashApiKey, isApiKey, isSessionToken } from '../../auth/api-key.js';
import type { Authentication } from '../../auth/authentication.js';
import { operatorOf } from '../../auth/caller.js';
import type { Database } from '../../db/database.js';
import { lockRow } from '../../db/reading/rows.js';
import { leakedKeys } from '../../lib/observe/meters.js';
import { recordEvents } from '../events/event.service.js';
import { revoke } from './api-key.managing.js';

/** A key that was found in public. */
export interface Found {
  token: string;
  /** Where it was found. */
  url?: string | undefined;
}

/** The kind of a reported text. */
type Credential = 'key' | 'session' | 'none';

const detailsOf = (url: string | undefined) => ({ reason: 'LEAKED', ...(url !== undefined && { url }) });

/**
 * Handles reports of keys that were found in public. Anybody who knows a key can use it, so each valid one is revoked.
 */
export function leakService(db: Database, { forget }: Pick<Authentication, 'forget'>) {
  const end = async (hash: string, url: string | undefined): Promise<Credential> => {
    const found = await db.prisma.apiKey.findFirst({ where: { OR: [{ hash }, { previousHash: hash }] } });
    if (!found) return endSession(hash, url);
    const { workspaceId, id } = found;
    await db.transaction(async (tx) => {
      const apiKey = await lockRow(tx, 'ApiKey', { workspaceId, id }, { strength: 'NO KEY UPDATE' });
      if (!apiKey.revokedAt) await revoke(tx, operatorOf(workspaceId), apiKey, detailsOf(url));
    });
    return 'key';
  };

  const endSession = async (hash: string, url: string | undefined): Promise<Credential> => {
    const found = await db.prisma.sessionToken.findUnique({ where: { hash } });
    if (!found) return 'none';
    const { workspaceId, id, keyId, agentId } = found;
    await db.transaction(async (tx) => {
      const { count } = await tx.sessionToken.deleteMany({ where: { workspaceId, id } });
      if (count === 0) return;
      const data = { agentId, ...detailsOf(url) };
      await recordEvents(tx, operatorOf(workspaceId), [{ type: 'api_key.session_revoked', entityId: keyId, data }]);
    });
    return 'session';
  };

  return {
    /** Revokes the reported keys and tokens of this gateway. Returns for each report whether it was one. */
    async report(reports: readonly Found[]): Promise<boolean[]> {
      const results: boolean[] = [];
      for (const { token, url } of reports) {
        const credential = isApiKey(token) || isSessionToken(token) ? await end(hashApiKey(token), url) : 'none';
        leakedKeys.inc({ credential });
        results.push(credential !== 'none');
      }
      forget();
      return results;
    },
  };
}
