import { type Database, sql } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { AppError, badInput, notFound } from '../../errors.js';
import type { ApiKey, ApiKeyKind } from '../../generated/prisma/client.js';
import type { KeyLimits } from '../../lib/limits.js';
import { recordEvents } from '../events/event.service.js';
import { type ApiKeyFormat, apiKeyPrefix, generateApiKey, hashApiKey, isApiKey } from './api-key.js';
import { type Caller, operatorOf } from './caller.js';
import { allScopes, isScope, type Scope } from './scopes.js';

export interface CreateApiKeyInput {
  workspaceId: string;
  kind: ApiKeyKind;
  /** The agent a USER key acts as; required for that kind. */
  agentId?: string;
  /** Every scope when left out. */
  scopes?: readonly string[];
  format?: ApiKeyFormat;
  name?: string;
  expiresAt?: Date;
  /** What this key is given instead of what holds for every key; positive whole numbers. */
  limits?: Partial<KeyLimits>;
}

/** A key as lists show it: neither the key nor its hash. */
export type ListedApiKey = Omit<ApiKey, 'workspaceId' | 'hash'>;

/** How long a resolved key is remembered: a revoked key is refused everywhere after this time at the latest. */
const rememberedMs = 250;
const lastUsedResolutionMs = 60_000;

interface RememberedKey {
  key: Pick<ApiKey, 'expiresAt' | 'revokedAt'>;
  agentDeactivatedAt: Date | null;
  caller: Caller;
  readAt: number;
}

export type ApiKeyService = ReturnType<typeof apiKeyService>;

export function apiKeyService(db: Database) {
  const remembered = new Map<string, RememberedKey>();

  return {
    /**
     * Makes a key. The whole key is in this answer only; the database holds its hash.
     * @throws NOT_FOUND for an unknown workspace or agent, BAD_USER_INPUT for an unknown scope or a missing agent.
     */
    async create(input: CreateApiKeyInput): Promise<{ id: string; key: string }> {
      const { workspaceId, kind, agentId } = input;
      if (kind === 'USER' && agentId === undefined) throw badInput(['agent'], 'A user key needs an agent.');
      if (kind === 'API_USER' && agentId !== undefined) throw badInput(['agent'], 'Only a user key has an agent.');
      for (const scope of input.scopes ?? []) {
        if (!isScope(scope)) throw badInput(['scope'], `Unknown scope "${scope}"; known are ${allScopes.join(', ')}.`);
      }
      const workspace = await db.prisma.workspace.findUnique({ where: { id: workspaceId }, select: { id: true } });
      if (!workspace) throw notFound('Workspace', ['workspace']);
      if (agentId !== undefined) {
        const agent = await db.prisma.agent.findUnique({ where: { workspaceId_id: { workspaceId, id: agentId } } });
        if (!agent) throw notFound('Agent', ['agent']);
      }
      const key = generateApiKey(input.format ?? 'ts_sk_live');
      const id = newId('ApiKey');
      const shown = {
        prefix: apiKeyPrefix(key),
        kind,
        agentId: agentId ?? null,
        scopes: [...(input.scopes ?? allScopes)],
        name: input.name ?? null,
        expiresAt: input.expiresAt ?? null,
        maxCost: input.limits?.maxCost ?? null,
        rateCapacity: input.limits?.rateCapacity ?? null,
        rateRestore: input.limits?.rateRestore ?? null,
      };
      await db.transaction(async (tx) => {
        await tx.apiKey.create({ data: { workspaceId, id, hash: hashApiKey(key), ...shown } });
        const data = { after: { ...shown, expiresAt: shown.expiresAt?.toISOString() ?? null } };
        await recordEvents(tx, operatorOf(workspaceId), [{ type: 'api_key.created', entityId: id, data }]);
      });
      return { id, key };
    },

    /** The keys of a workspace, the oldest first. @throws NOT_FOUND for an unknown workspace. */
    async list(workspaceId: string): Promise<ListedApiKey[]> {
      const workspace = await db.prisma.workspace.findUnique({
        where: { id: workspaceId },
        select: {
          apiKeys: { omit: { workspaceId: true, hash: true }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] },
        },
      });
      if (!workspace) throw notFound('Workspace', ['workspace']);
      return workspace.apiKeys;
    },

    /** Revokes a key for good. @throws NOT_FOUND when the workspace has no such key. */
    async revoke(workspaceId: string, id: string): Promise<void> {
      const count = await db.transaction(async (tx) => {
        const revokedAt = new Date();
        const revoked = await tx.apiKey.updateMany({
          where: { workspaceId, id, revokedAt: null },
          data: { revokedAt },
        });
        if (revoked.count > 0) {
          const data = { before: { revokedAt: null }, after: { revokedAt: revokedAt.toISOString() } };
          await recordEvents(tx, operatorOf(workspaceId), [{ type: 'api_key.revoked', entityId: id, data }]);
        }
        return revoked.count;
      });
      const exists = count > 0 || (await db.prisma.apiKey.count({ where: { workspaceId, id } })) > 0;
      if (!exists) throw notFound('API key', ['id']);
      remembered.clear();
    },

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
