import { hashApiKey, isApiKey, isSessionToken } from '../../auth/api-key.js';
import type { Authentication } from '../../auth/authentication.js';
import { operatorOf } from '../../auth/caller.js';
import type { Database } from '../../db/database.js';
import { lockRow } from '../../db/reading/rows.js';
import { revoke } from './api-key.managing.js';

/** A key that somebody found where it should not be. */
export interface Found {
  token: string;
  /** Where it was found. */
  url?: string | undefined;
}

/** Takes reports of keys that were found in public. Whoever knows a key could use it, so each that is right is revoked. */
export function leakService(db: Database, { forget }: Pick<Authentication, 'forget'>) {
  const end = async (hash: string, url: string | undefined): Promise<boolean> => {
    const found = await db.prisma.apiKey.findFirst({ where: { OR: [{ hash }, { previousHash: hash }] } });
    if (!found) return (await db.prisma.sessionToken.deleteMany({ where: { hash } })).count > 0;
    const { workspaceId, id } = found;
    await db.transaction(async (tx) => {
      const apiKey = await lockRow(tx, 'ApiKey', { workspaceId, id }, { strength: 'NO KEY UPDATE' });
      const details = { reason: 'LEAKED', ...(url !== undefined && { url }) };
      if (!apiKey.revokedAt) await revoke(tx, operatorOf(workspaceId), apiKey, details);
    });
    return true;
  };

  return {
    /** Revokes those that are keys or tokens of this gateway. Answers for each whether it is one. */
    async report(reports: readonly Found[]): Promise<boolean[]> {
      const results: boolean[] = [];
      for (const { token, url } of reports) {
        results.push((isApiKey(token) || isSessionToken(token)) && (await end(hashApiKey(token), url)));
      }
      forget();
      return results;
    },
  };
}
