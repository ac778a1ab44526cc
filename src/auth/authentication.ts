import { type Database, sql } from '../db/database.js';
import { AppError } from '../errors.js';
import type { ApiKey, ApiKeyKind } from '../generated/prisma/client.js';
import { hashApiKey, isApiKey } from './api-key.js';
import type { Caller } from './caller.js';
import type { Scope } from './scopes.js';

/** How long a resolved key is remembered: a revoked key is refused everywhere after this time at the latest. */
const rememberedMs = 250;
const lastUsedResolutionMs = 60_000;

interface RememberedKey {
  key: Pick<ApiKey, 'expiresAt' | 'revokedAt'>;
  agentDeactivatedAt: Date | null;
  caller: Caller;
  readAt: number;
}

/** Tells who calls from the key that a request bears. */
export type Authentication = ReturnType<typeof authentication>;

export function authentication(db: Database) {
  const remembered = new Map<string, RememberedKey>();

  return {
    /** What those of the callers' keys that are still valid may do now, by id. One statement. */
    async scopesOf(callers: readonly Caller[]): Promise<ReadonlyMap<string, ReadonlySet<Scope>>> {
      const workspaceIds = callers.map(({ workspaceId }) => workspaceId);
      const keyIds = callers.map(({ keyId }) => keyId);
      const rows =
        await db.read(sql`SELECT r."id", r."scopes" FROM unnest(${workspaceIds}::text[], ${keyIds}::text[]) AS c("workspaceId", "id")
        JOIN "ApiKey" AS r ON r."workspaceId" = c."workspaceId" AND r."id" = c."id"
        LEFT JOIN "Agent" AS a ON a."workspaceId" = r."workspaceId" AND a."id" = r."agentId"
        WHERE r."revokedAt" IS NULL AND COALESCE(r."expiresAt" > now(), true) AND a."deactivatedAt" IS NULL`);
      return new Map((rows as [string, Scope[]][]).map(([id, scopes]) => [id, new Set(scopes)]));
    },

    /**
     * Who calls with this key.
     * @throws UNAUTHENTICATED when it is missing, mistyped, unknown, expired or revoked, or its agent deactivated.
     */
    async authenticate(key: string | undefined): Promise<Caller> {
      if (key === undefined) throw unauthenticated('An API key is required: Authorization: Bearer YOUR_API_KEY.');
      if (!isApiKey(key)) throw unauthenticated(invalidKey);
      const hash = hashApiKey(key);
      const now = Date.now();
      let entry = remembered.get(hash);
      if (!entry || now - entry.readAt > rememberedMs) {
        remembered.delete(hash);
        entry = await readKey(db, hash, now);
        if (remembered.size > maxRemembered) remembered.clear();
        remembered.set(hash, entry);
      }
      if (entry.key.revokedAt) throw unauthenticated('This API key has been revoked.');
      if (entry.key.expiresAt && entry.key.expiresAt.getTime() <= now) {
        throw unauthenticated('This API key has expired.');
      }
      if (entry.agentDeactivatedAt) throw unauthenticated('The agent of this API key has been deactivated.');
      return entry.caller;
    },

    /** Forgets what is remembered of keys, so that a change of one holds in this process at once. */
    forget: (): void => remembered.clear(),
  };
}

const maxRemembered = 10_000;
const invalidKey = 'Invalid API key. Please double-check and try again.';

const unauthenticated = (message: string): AppError => new AppError('UNAUTHENTICATED', message);

async function readKey(db: Database, hash: string, now: number): Promise<RememberedKey> {
  const [values] = await db.read(sql`SELECT r."workspaceId", r."id", r."kind", r."agentId", r."scopes", r."expiresAt",
    r."revokedAt", r."lastUsedAt", r."maxCost", r."rateCapacity", r."rateRestore", a."deactivatedAt", w."uuid" FROM "ApiKey" AS r
    JOIN "Workspace" AS w ON w."id" = r."workspaceId"
    LEFT JOIN "Agent" AS a ON a."workspaceId" = r."workspaceId" AND a."id" = r."agentId" WHERE r."hash" = ${hash}`);
  if (!values) throw unauthenticated(invalidKey);
  const [
    workspaceId,
    id,
    kind,
    agentId,
    granted,
    expiresAt,
    revokedAt,
    lastUsedAt,
    maxCost,
    rateCapacity,
    rateRestore,
    agentDeactivatedAt,
    workspaceUuid,
  ] = values as [
    string,
    string,
    ApiKeyKind,
    string | null,
    Scope[],
    Date | null,
    Date | null,
    Date | null,
    number | null,
    number | null,
    number | null,
    Date | null,
    string,
  ];
  if (lastUsedAt === null || now - lastUsedAt.getTime() > lastUsedResolutionMs) {
    await db.prisma.apiKey.updateMany({ where: { workspaceId, id }, data: { lastUsedAt: new Date(now) } });
  }
  const caller: Caller = {
    workspaceId,
    workspaceUuid,
    keyId: id,
    kind,
    agentId,
    scopes: new Set(granted),
    actorId: agentId ?? id,
    limits: { maxCost, rateCapacity, rateRestore },
  };
  return { key: { expiresAt, revokedAt }, agentDeactivatedAt, caller, readAt: now };
}
