import { type Database, sql } from '../db/database.js';
import { AppError } from '../errors.js';
import type { Sender } from '../lib/http/sender.js';
import { noteCaller } from '../lib/observe/request.js';
import { hashApiKey, isApiKey, isSessionToken } from './api-key.js';
import { anywhere, type Caller } from './caller.js';
import { type Credential, readKey, readSession } from './credentials.js';
import { createFailures } from './failures.js';
import { hasEnded, isJwt, type SignIn } from './oidc.js';
import { requirePlace } from './places.js';
import type { Scope } from './scopes.js';

/** How long a resolved key is cached: a revoked key is refused everywhere after this time at the latest. */
const rememberedMs = 250;

/** Identifies the caller by the key or token of a request. */
export type Authentication = ReturnType<typeof authentication>;

export function authentication(db: Database, signIn?: SignIn) {
  /** `readAt` is by a monotonic clock, which nobody can set back. */
  const remembered = new Map<string, Credential & { readAt: number }>();
  const failures = createFailures();

  const resolve = async (text: string, now: number): Promise<Credential> => {
    const hash = hashApiKey(text);
    const readAt = performance.now();
    const known = remembered.get(hash);
    if (known && readAt - known.readAt <= rememberedMs) return known;
    remembered.delete(hash);
    const found = await read(text, hash, now);
    if (!found) throw unauthenticated(invalidKey);
    if (remembered.size > maxRemembered) remembered.clear();
    remembered.set(hash, { ...found, readAt });
    return found;
  };

  const read = async (text: string, hash: string, now: number): Promise<Credential | undefined> => {
    if (isApiKey(text)) return readKey(db, hash, now);
    if (isSessionToken(text)) return readSession(db, hash, now);
    if (!signIn || !isJwt(text)) return undefined;
    const { keyHash, scopes, ...token } = await signIn.identify(text);
    const key = await readKey(db, keyHash, now);
    if (!key) return undefined;
    const held = scopes ? [...key.caller.scopes].filter((scope) => scopes.has(scope)) : key.caller.scopes;
    return {
      ...key,
      caller: {
        ...key.caller,
        keyHash: null,
        scopes: new Set(held),
        token: { kind: 'SIGN_IN', ...token },
      },
    };
  };

  /**
   * Counts an error for a wrong key or token. One that has ended is not a guess, and front ends keep sending it for a
   * while, so it is not counted.
   */
  const counted =
    ({ address }: Sender) =>
    async (error: unknown): Promise<never> => {
      const isWrong = error instanceof AppError && error.code === 'UNAUTHENTICATED' && !hasEnded(error);
      throw (isWrong && (await failures.count(address))) || error;
    };

  const check = async (text: string, sender: Sender): Promise<Caller> => {
    const now = Date.now();
    const { caller, revokedAt, validUntil, agentDeactivatedAt } = await resolve(text, now).catch(counted(sender));
    noteCaller(caller);
    const { token } = caller;
    if (token && token.expiresAt.getTime() <= now) throw unauthenticated('This token has expired.');
    if (revokedAt) throw unauthenticated('This API key has been revoked.');
    if (validUntil && validUntil.getTime() <= now) throw unauthenticated('This API key has expired.');
    if (agentDeactivatedAt) throw unauthenticated('The agent of this API key has been deactivated.');
    requirePlace(caller.places, sender);
    return caller;
  };

  return {
    /** The current rights of the callers whose keys and tokens are still valid, by `heldAs`. One statement. */
    async rightsOf(callers: readonly Caller[]): Promise<ReadonlyMap<string, Rights>> {
      const workspaceIds = callers.map(({ workspaceId }) => workspaceId);
      const keyIds = callers.map(({ keyId }) => keyId);
      const agentIds = callers.map(({ agentId }) => agentId);
      const hashes = callers.map(({ keyHash }) => keyHash);
      const sessionIds = callers.map(({ token }) => (token?.kind === 'SESSION' ? token.id : null));
      const people = callers.map(({ token }) => token?.person ?? null);
      const rows = await db.read(sql`SELECT c."place"::int, r."scopes",
          r."allowedOrigins", r."allowedNetworks", r."onlyTrustedDocuments"
        FROM unnest(${workspaceIds}::text[], ${keyIds}::text[], ${agentIds}::text[], ${hashes}::text[], ${sessionIds}::text[],
          ${people}::text[]) WITH ORDINALITY AS c("workspaceId", "id", "agentId", "hash", "sessionId", "person", "place")
        JOIN "ApiKey" AS r ON r."workspaceId" = c."workspaceId" AND r."id" = c."id"
        LEFT JOIN "Agent" AS a ON a."workspaceId" = c."workspaceId" AND a."id" = c."agentId"
        LEFT JOIN "Agent" AS b ON b."workspaceId" = r."workspaceId" AND b."id" = r."agentId"
        LEFT JOIN "SessionToken" AS t ON t."workspaceId" = c."workspaceId" AND t."id" = c."sessionId"
        WHERE r."revokedAt" IS NULL AND COALESCE(r."expiresAt" > now(), true)
          AND (c."agentId" IS NULL OR a."id" IS NOT NULL) AND a."deactivatedAt" IS NULL AND b."deactivatedAt" IS NULL
          AND (c."hash" IS NULL OR c."hash" = r."hash" OR (c."hash" = r."previousHash" AND r."previousUntil" > now()))
          AND (c."sessionId" IS NULL OR t."id" IS NOT NULL)
          AND (c."person" IS NULL OR c."person" = r."signsInAs")`);
      return new Map(
        (rows as RightsValues[]).flatMap(([place, scopes, allowedOrigins, allowedNetworks, onlyTrustedDocuments]) => {
          const caller = callers[place - 1];
          if (!caller) return [];
          const places = caller.token?.kind === 'SESSION' ? anywhere : { allowedOrigins, allowedNetworks };
          return [[heldAs(caller), { scopes: new Set(scopes), places, onlyTrustedDocuments }]];
        }),
      );
    },

    /**
     * The caller with this key or token.
     * @throws UNAUTHENTICATED when it is missing, mistyped, unknown, expired or revoked, or its agent is deactivated;
     * FORBIDDEN when it may not be used from this place; RATE_LIMITED instead of UNAUTHENTICATED for addresses that try
     * many keys.
     */
    async authenticate(key: string | undefined, sender: Sender = {}): Promise<Caller> {
      if (key === undefined) throw unauthenticated('An API key is required: Authorization: Bearer YOUR_API_KEY.');
      return check(key, sender);
    },

    /** Counts wrong keys from another endpoint. @throws RATE_LIMITED for an address that sent too many. */
    async noteWrong(address: string | undefined): Promise<void> {
      const refused = await failures.count(address);
      if (refused) throw refused;
    },

    /** Clears the cache of keys, so that a change applies at once in this process. */
    forget: (): void => remembered.clear(),
  };
}

/** The rights of a caller that can be withdrawn during a subscription or connection. */
export type Rights = Pick<Caller, 'scopes' | 'places' | 'onlyTrustedDocuments'>;

type RightsValues = [
  place: number,
  scopes: Scope[],
  allowedOrigins: string[],
  allowedNetworks: string[],
  onlyTrustedDocuments: boolean,
];

/**
 * Identifies what a caller's rights depend on: the key, the agent that it acts as, and the secret or token that was
 * sent.
 */
export const heldAs = ({ keyId, agentId, keyHash, token }: Caller): string =>
  [keyId, agentId, keyHash, token?.id, token?.person].filter((name) => name != null).join(' ');

const maxRemembered = 10_000;
const invalidKey = 'Invalid API key. Please double-check and try again.';

const unauthenticated = (message: string): AppError => new AppError('UNAUTHENTICATED', message);
