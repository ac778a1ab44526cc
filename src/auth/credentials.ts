import { type Database, type RowValues, raw, type Sql, sql } from '../db/database.js';
import type { ApiKeyKind } from '../generated/prisma/client.js';
import { anywhere, type Caller } from './caller.js';
import type { Scope } from './scopes.js';
import { endOfToken } from './token-life.js';

/** The result of resolving a key or a token. */
export interface Credential {
  caller: Caller;
  revokedAt: Date | null;
  /** Until when the key is valid: its expiry, or the end of the grace period of a rotated key. Null for no limit. */
  validUntil: Date | null;
  agentDeactivatedAt: Date | null;
}

/** `lastUsedAt` of a key is exact to a minute, so that most requests write nothing. */
const lastUsedResolutionMs = 60_000;

const columns = raw(
  [
    ...['workspaceId', 'id', 'kind', 'agentId', 'scopes', 'expiresAt', 'revokedAt', 'lastUsedAt'],
    ...['maxCost', 'rateCapacity', 'rateRestore', 'allowedOrigins', 'allowedNetworks'],
    'onlyTrustedDocuments',
  ]
    .map((name) => `r."${name}"`)
    .join(', '),
);

const joined: Sql = sql`JOIN "Workspace" AS w ON w."id" = r."workspaceId"
  LEFT JOIN "Agent" AS a ON a."workspaceId" = r."workspaceId" AND a."id" = r."agentId"`;

/** The key that has this hash, or had it before its last rotation. One statement. */
export async function readKey(db: Database, hash: string, now: number): Promise<Credential | undefined> {
  const [values] = await db.read(sql`SELECT ${columns}, w."uuid", w."currency", a."deactivatedAt",
      CASE WHEN r."hash" <> ${hash} THEN r."previousUntil" END
    FROM "ApiKey" AS r ${joined} WHERE r."hash" = ${hash} OR r."previousHash" = ${hash}`);
  if (!values) return undefined;
  const credential = await credentialOf(db, values, now);
  const previousUntil = values[17] as Date | null;
  const caller = { ...credential.caller, keyHash: hash };
  return { ...credential, caller, validUntil: earlier(credential.validUntil, previousUntil) };
}

/**
 * The key that made the token with this hash, with the token's agent, and with those scopes of the token that the key
 * still has.
 */
export async function readSession(db: Database, hash: string, now: number): Promise<Credential | undefined> {
  const [values] =
    await db.read(sql`SELECT ${columns}, w."uuid", w."currency", COALESCE(a."deactivatedAt", b."deactivatedAt"),
      t."id", t."agentId", t."scopes", t."createdAt", t."expiresAt"
    FROM "SessionToken" AS t
    JOIN "ApiKey" AS r ON r."workspaceId" = t."workspaceId" AND r."id" = t."keyId" ${joined}
    JOIN "Agent" AS b ON b."workspaceId" = t."workspaceId" AND b."id" = t."agentId" WHERE t."hash" = ${hash}`);
  if (!values) return undefined;
  const credential = await credentialOf(db, values, now);
  const [id, agentId, granted, createdAt, until] = values.slice(17) as [string, string, Scope[], Date, Date];
  const expiresAt = endOfToken(createdAt, until, now);
  const held = new Set(granted.filter((scope) => credential.caller.scopes.has(scope)));
  const token = { kind: 'SESSION' as const, id, expiresAt };
  const caller = {
    ...credential.caller,
    kind: 'USER' as const,
    agentId,
    actorId: agentId,
    scopes: held,
    places: anywhere,
    token,
  };
  return { ...credential, caller };
}

/** The columns of the key that both statements read. */
type KeyValues = [
  workspaceId: string,
  id: string,
  kind: ApiKeyKind,
  agentId: string | null,
  scopes: Scope[],
  expiresAt: Date | null,
  revokedAt: Date | null,
  lastUsedAt: Date | null,
  maxCost: number | null,
  rateCapacity: number | null,
  rateRestore: number | null,
  allowedOrigins: string[],
  allowedNetworks: string[],
  onlyTrustedDocuments: boolean,
  workspaceUuid: string,
  workspaceCurrency: string,
  agentDeactivatedAt: Date | null,
];

async function credentialOf(db: Database, values: RowValues, now: number): Promise<Credential> {
  const [workspaceId, id, kind, agentId, granted, validUntil, revokedAt, lastUsedAt, ...others] =
    values as unknown as KeyValues;
  const [maxCost, rateCapacity, rateRestore, allowedOrigins, allowedNetworks, ...about] = others;
  const [onlyTrustedDocuments, workspaceUuid, workspaceCurrency, agentDeactivatedAt] = about;
  if (lastUsedAt === null || Math.abs(now - lastUsedAt.getTime()) > lastUsedResolutionMs) {
    await db.prisma.apiKey.updateMany({ where: { workspaceId, id }, data: { lastUsedAt: new Date(now) } });
  }
  const caller: Caller = {
    workspaceId,
    workspaceUuid,
    workspaceCurrency,
    keyId: id,
    keyHash: null,
    kind,
    agentId,
    scopes: new Set(granted),
    actorId: agentId ?? id,
    limits: { maxCost, rateCapacity, rateRestore },
    places: { allowedOrigins, allowedNetworks },
    onlyTrustedDocuments,
    token: null,
  };
  return {
    caller,
    revokedAt,
    validUntil,
    agentDeactivatedAt,
  };
}

function earlier(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}
