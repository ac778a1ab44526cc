import type { z } from 'zod';
import { apiKeyPrefix, generateApiKey, hashApiKey } from '../../auth/api-key.js';
import type { Authentication } from '../../auth/authentication.js';
import type { Caller } from '../../auth/caller.js';
import type { Database, Transaction } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { newId } from '../../db/ids.js';
import { listReader } from '../../db/lists/listing.js';
import { lockRow } from '../../db/reading/rows.js';
import { badInput, conflict, notFound } from '../../errors.js';
import type { ApiKey } from '../../generated/prisma/client.js';
import { changesOf } from '../../lib/values/changes.js';
import { parseInput } from '../../lib/values/validation.js';
import { nextVersion, requireVersion } from '../../lib/values/version.js';
import { recordEvents } from '../events/event.service.js';
import { requireNoSession, requireOwnAgent, requireWithin } from './api-key.bounds.js';
import { apiKeyList } from './api-key.fields.js';
import {
  type NewApiKeyInput,
  newApiKeyInput,
  type RevokeApiKeyInput,
  type RotateApiKeyInput,
  revokeApiKeyInput,
  rotateApiKeyInput,
  type UpdateApiKeyInput,
  updateApiKeyInput,
} from './api-key.input.js';
import { isSignInKey } from './api-key.sign-in.js';

export interface ApiKeyChange {
  apiKey: ApiKey;
  result: 'UPDATED' | 'UNCHANGED';
}

/** A key with its secret, which is shown only once; null when an earlier run of the request created it. */
export interface ApiKeyWithSecret {
  apiKey: ApiKey;
  key: string | null;
}

const maxKeys = 1_000;
const hourMs = 3_600_000;

/** Management of a workspace's keys by holders of keys. No caller can exceed the rights of its own key. */
export function apiKeyManagement(db: Database, { forget }: Pick<Authentication, 'forget'>) {
  /** Locks a key that can still be changed. @throws NOT_FOUND, CONFLICT */
  const lock = async (tx: Transaction, { workspaceId }: Caller, id: string): Promise<ApiKey> => {
    const apiKey = await lockRow(tx, 'ApiKey', { workspaceId, id }, { strength: 'NO KEY UPDATE' });
    if (apiKey.revokedAt) throw conflict(['id'], 'This API key has been revoked.');
    return apiKey;
  };

  const write = (tx: Transaction, { workspaceId, id }: ApiKey, data: Partial<ApiKey>): Promise<ApiKey> =>
    tx.apiKey.update({
      where: { workspaceId_id: { workspaceId, id } },
      data: nextVersion(data),
    });

  return {
    /** The workspace's keys. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list: listReader(db, apiKeyList),

    /** Makes a key. @throws InvalidInput, NOT_FOUND for the agent, FORBIDDEN and BAD_USER_INPUT beyond the caller's own key. */
    async create(caller: Caller, input: NewApiKeyInput): Promise<ApiKeyWithSecret> {
      const { kind, agentId: given, limits, ...fields } = parseInput(newApiKeyInput, input);
      const agentId = given == null ? null : readId('Agent', given, ['agentId']);
      if (kind === 'USER' && agentId === null) throw badInput(['agentId'], 'A key of the kind USER needs an agent.');
      if (kind === 'API_USER' && agentId !== null)
        throw badInput(['agentId'], 'Only a key of the kind USER has an agent.');
      const { workspaceId } = caller;
      const key = generateApiKey('ts_sk_live');
      const shown = {
        prefix: apiKeyPrefix(key),
        kind,
        agentId,
        name: fields.name ?? null,
        scopes: fields.scopes,
        expiresAt: fields.expiresAt ?? null,
        ...limitsOf(limits),
        allowedOrigins: fields.allowedOrigins ?? [],
        allowedNetworks: fields.allowedNetworks ?? [],
        onlyTrustedDocuments: fields.onlyTrustedDocuments ?? false,
        createdBy: caller.actorId,
      };
      const apiKey = await db.transaction(async (tx) => {
        await requireWithin(tx, caller, shown);
        requireOwnAgent(caller, agentId);
        if (agentId !== null) await requireActiveAgent(tx, workspaceId, agentId);
        if ((await tx.apiKey.count({ where: { workspaceId, revokedAt: null } })) >= maxKeys) {
          throw conflict([], `A workspace has at most ${maxKeys} API keys; revoke some first.`);
        }
        const id = newId('ApiKey');
        await recordEvents(tx, caller, [{ type: 'api_key.created', entityId: id, data: { after: recorded(shown) } }]);
        return tx.apiKey.create({ data: { workspaceId, id, hash: hashApiKey(key), ...shown } });
      });
      return { apiKey, key: secretOf(apiKey, key) };
    },

    /** Writes the given fields. @throws InvalidInput, NOT_FOUND, CONFLICT, FORBIDDEN and BAD_USER_INPUT beyond the caller's own key. */
    async update(caller: Caller, input: UpdateApiKeyInput): Promise<ApiKeyChange> {
      const {
        id: given,
        ifVersion,
        limits,
        allowedOrigins,
        allowedNetworks,
        ...fields
      } = parseInput(updateApiKeyInput, input);
      const id = readId('ApiKey', given, ['id']);
      const change = await db.transaction(async (tx): Promise<ApiKeyChange> => {
        const apiKey = await lock(tx, caller, id);
        requireVersion('API key', apiKey, ifVersion);
        const changes = changesOf(apiKey, {
          ...fields,
          ...(limits !== undefined && limitsOf(limits)),
          ...(allowedOrigins !== undefined && { allowedOrigins: allowedOrigins ?? [] }),
          ...(allowedNetworks !== undefined && { allowedNetworks: allowedNetworks ?? [] }),
        });
        await requireWithin(tx, caller, { ...apiKey, ...changes?.after });
        if (!changes) return { apiKey, result: 'UNCHANGED' };
        const data = { before: recorded(changes.before), after: recorded(changes.after) };
        await recordEvents(tx, caller, [{ type: 'api_key.updated', entityId: id, data }]);
        return { apiKey: await write(tx, apiKey, changes.after), result: 'UPDATED' };
      });
      forget();
      return change;
    },

    /**
     * Gives a key a new secret. The previous one stays valid for some hours. A key for signing in has no secret:
     * rotating it frees it for the next person who signs in as the agent.
     * @throws InvalidInput, NOT_FOUND, CONFLICT, FORBIDDEN and BAD_USER_INPUT beyond the caller's own key.
     */
    async rotate(caller: Caller, input: RotateApiKeyInput): Promise<ApiKeyWithSecret> {
      const { id: given, graceHours, ifVersion } = parseInput(rotateApiKeyInput, input);
      const id = readId('ApiKey', given, ['id']);
      const key = generateApiKey('ts_sk_live');
      const rotated = await db.transaction(async (tx) => {
        const apiKey = await lock(tx, caller, id);
        requireVersion('API key', apiKey, ifVersion);
        await requireWithin(tx, caller, apiKey);
        requireOwnAgent(caller, apiKey.agentId);
        if (isSignInKey(apiKey)) {
          await recordEvents(tx, caller, [{ type: 'api_key.rotated', entityId: id, data: {} }]);
          return write(tx, apiKey, { signsInAs: null });
        }
        const previousUntil = new Date(Date.now() + graceHours * hourMs);
        const prefix = apiKeyPrefix(key);
        const data = {
          before: { prefix: apiKey.prefix },
          after: { prefix, previousUntil: previousUntil.toISOString() },
        };
        await recordEvents(tx, caller, [{ type: 'api_key.rotated', entityId: id, data }]);
        // If the old secret ends at once, so do the tokens, because whoever had it could have created them.
        if (graceHours === 0)
          await tx.sessionToken.deleteMany({ where: { workspaceId: caller.workspaceId, keyId: id } });
        return write(tx, apiKey, { hash: hashApiKey(key), prefix, previousHash: apiKey.hash, previousUntil });
      });
      forget();
      return { apiKey: rotated, key: secretOf(rotated, key) };
    },

    /** Revokes a key for good, and with it the tokens that it made. @throws InvalidInput, NOT_FOUND, FORBIDDEN for a session token. */
    async revoke(caller: Caller, input: RevokeApiKeyInput): Promise<ApiKeyChange> {
      const id = readId('ApiKey', parseInput(revokeApiKeyInput, input).id, ['id']);
      requireNoSession(caller);
      const change = await db.transaction(async (tx): Promise<ApiKeyChange> => {
        const { workspaceId } = caller;
        const apiKey = await lockRow(tx, 'ApiKey', { workspaceId, id }, { strength: 'NO KEY UPDATE' });
        if (apiKey.revokedAt) return { apiKey, result: 'UNCHANGED' };
        return { apiKey: await revoke(tx, caller, apiKey), result: 'UPDATED' };
      });
      forget();
      return change;
    },
  };
}

/** Revokes a locked key. `details` give the reason if nobody requested it. */
export async function revoke(tx: Transaction, caller: Caller, apiKey: ApiKey, details = {}): Promise<ApiKey> {
  const { workspaceId, id } = apiKey;
  const revokedAt = new Date();
  const data = { before: { revokedAt: null }, after: { revokedAt: revokedAt.toISOString() }, ...details };
  await recordEvents(tx, caller, [{ type: 'api_key.revoked', entityId: id, data }]);
  return tx.apiKey.update({
    where: { workspaceId_id: { workspaceId, id } },
    data: nextVersion({ revokedAt }, revokedAt),
  });
}

/** @throws NOT_FOUND */
export async function requireActiveAgent(tx: Transaction, workspaceId: string, id: string): Promise<void> {
  const active = await tx.agent.count({ where: { workspaceId, id, deactivatedAt: null } });
  if (active === 0) throw notFound('Agent', ['agentId']);
}

const limitsOf = (limits: z.output<typeof newApiKeyInput>['limits']) => ({
  maxCost: limits?.maxCost ?? null,
  rateCapacity: limits?.rateCapacity ?? null,
  rateRestore: limits?.rateRestore ?? null,
});

/** The new secret, or null if an earlier run of the request wrote the row. That run's secret is no longer known. */
const secretOf = ({ hash }: ApiKey, key: string): string | null => (hashApiKey(key) === hash ? key : null);

/** Fields as events hold them. */
function recorded({ expiresAt, ...fields }: Partial<Omit<ApiKey, 'createdAt' | 'updatedAt'>>) {
  const { hash: _hash, previousHash: _previousHash, previousUntil: _until, signsInAs: _person, ...plain } = fields;
  const { revokedAt: _revokedAt, lastUsedAt: _lastUsedAt, ...shown } = plain;
  return { ...shown, ...(expiresAt !== undefined && { expiresAt: expiresAt?.toISOString() ?? null }) };
}
