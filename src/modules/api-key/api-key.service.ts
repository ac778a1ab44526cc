import { type ApiKeyFormat, apiKeyPrefix, generateApiKey, hashApiKey } from '../../auth/api-key.js';
import type { Authentication } from '../../auth/authentication.js';
import { operatorOf } from '../../auth/caller.js';
import { allScopes, isScope } from '../../auth/scopes.js';
import type { Database } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { badInput, notFound } from '../../errors.js';
import type { ApiKey, ApiKeyKind, WebhookEndpoint } from '../../generated/prisma/client.js';
import type { KeyLimits } from '../../lib/http/limits.js';
import { recordEvents } from '../events/event.service.js';

export interface CreateApiKeyInput {
  workspaceId: string;
  kind: ApiKeyKind;
  /** The agent a USER key acts as; required for that kind. */
  agentId?: string;
  /** All scopes if omitted. */
  scopes?: readonly string[];
  format?: ApiKeyFormat;
  name?: string;
  expiresAt?: Date;
  /** Limits of this key that replace the general ones; positive whole numbers. */
  limits?: Partial<KeyLimits>;
  /** Whether it may run only trusted documents; false if omitted. */
  onlyTrustedDocuments?: boolean;
}

/** A key without the secret and its hash. */
export type ListedApiKey = Omit<ApiKey, 'workspaceId' | 'hash' | 'previousHash' | 'signsInAs'>;

/** A webhook endpoint that a key configured last. */
export type ConfiguredEndpoint = Pick<WebhookEndpoint, 'id' | 'url' | 'disabledAt'>;

export function apiKeyService(db: Database, { forget }: Pick<Authentication, 'forget'>) {
  return {
    /**
     * Creates a key. The whole key is returned only here; the database stores its hash.
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
        onlyTrustedDocuments: input.onlyTrustedDocuments ?? false,
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
          apiKeys: {
            omit: { workspaceId: true, hash: true, previousHash: true, signsInAs: true },
            orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
          },
        },
      });
      if (!workspace) throw notFound('Workspace', ['workspace']);
      return workspace.apiKeys;
    },

    /**
     * Revokes a key permanently. Returns the webhook endpoints that it configured last. They stay enabled, but somebody
     * may want to check them.
     * @throws NOT_FOUND if the workspace has no such key.
     */
    async revoke(workspaceId: string, id: string): Promise<ConfiguredEndpoint[]> {
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
      forget();
      return db.prisma.webhookEndpoint.findMany({
        where: { workspaceId, configuredBy: id },
        select: { id: true, url: true, disabledAt: true },
        orderBy: { id: 'asc' },
      });
    },
  };
}
