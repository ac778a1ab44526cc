import type { Caller } from '../../auth/caller.js';
import { requireScope, type Scope } from '../../auth/scopes.js';
import type { Transaction } from '../../db/database.js';
import { AppError, badInput } from '../../errors.js';
import type { ApiKey } from '../../generated/prisma/client.js';

/** The limits and restrictions of a key. */
type Bounds = Pick<
  ApiKey,
  | 'scopes'
  | 'expiresAt'
  | 'maxCost'
  | 'rateCapacity'
  | 'rateRestore'
  | 'allowedOrigins'
  | 'allowedNetworks'
  | 'onlyTrustedDocuments'
>;

/**
 * Required of a caller who creates or changes a key or gets its secret: the key must not allow anything that the
 * caller's own key does not, in scopes, lifetime, places and limits.
 * @throws FORBIDDEN that names a missing scope, or for a session token; BAD_USER_INPUT for another bound.
 */
export async function requireWithin(tx: Transaction, caller: Caller, wanted: Bounds): Promise<void> {
  const { workspaceId, keyId } = caller;
  requireNoSession(caller);
  for (const scope of wanted.scopes) requireScope(caller.scopes, scope as Scope);
  if (keyId === null) return;
  const own = await tx.apiKey.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id: keyId } } });
  for (const limit of ['maxCost', 'rateCapacity', 'rateRestore'] as const) {
    const [most, given] = [own[limit], wanted[limit]];
    if (most !== null && (given === null || given > most)) {
      throw badInput(['limits', limit], `Must be at most ${most}, as of your own key.`);
    }
  }
  if (own.expiresAt && (wanted.expiresAt === null || wanted.expiresAt > own.expiresAt)) {
    throw badInput(['expiresAt'], `Must not lie after ${own.expiresAt.toISOString()}, when your own key ends.`);
  }
  for (const places of ['allowedOrigins', 'allowedNetworks'] as const) {
    const [held, given] = [own[places], wanted[places]];
    if (held.length > 0 && (given.length === 0 || given.some((place) => !held.includes(place)))) {
      throw badInput([places], `Must hold only what your own key is bound to: ${held.join(', ')}.`);
    }
  }
  if (own.onlyTrustedDocuments && !wanted.onlyTrustedDocuments) {
    throw badInput(['onlyTrustedDocuments'], 'Must be true, as of your own key.');
  }
}

/** A short-lived token must not create anything that lasts longer. @throws FORBIDDEN */
export function requireNoSession({ token }: Pick<Caller, 'token'>): void {
  if (token?.kind === 'SESSION') {
    throw new AppError('FORBIDDEN', 'A session token cannot make or change keys and tokens.');
  }
}

/**
 * Required of a caller who gets the secret of a key or token: the key of an agent may only get secrets of that agent,
 * so that an agent who is deactivated keeps no other access.
 * @throws FORBIDDEN
 */
export function requireOwnAgent(caller: Pick<Caller, 'agentId'>, agentId: string | null): void {
  if (caller.agentId === null || caller.agentId === agentId) return;
  throw new AppError('FORBIDDEN', 'The key of an agent makes keys and tokens of that agent alone.');
}
