// How the servers as they are deployed know who asks, with the freedom that Deskgraph takes: a key that was found is
// remembered for a quarter of a second.
import { createHash } from 'node:crypto';

const rememberedMs = 250;

/**
 * @typedef {{ workspaceId: string, id: string, expiresAt: Date | null, revokedAt: Date | null }} Key
 * @typedef {Key & { readAt: number }} Remembered
 */

/** Answered with 401, by the one server as by the other. */
export class Unauthenticated extends Error {
  statusCode = 401;
  extensions = { code: 'UNAUTHENTICATED', http: { status: 401 } };
}

/**
 * Tells whose key a request bears.
 * @param {(hash: string) => Promise<Key | null | undefined>} read looks the hash of a key up
 */
export function keyCheck(read) {
  /** @type {Map<string, Remembered>} */
  const remembered = new Map();

  /** @param {string} hash */
  const find = async (hash) => {
    const readAt = performance.now();
    const known = remembered.get(hash);
    if (known && readAt - known.readAt <= rememberedMs) return known;
    const key = await read(hash);
    if (key) remembered.set(hash, { ...key, readAt });
    else remembered.delete(hash);
    return key;
  };

  /** @param {string | undefined} authorization @returns {Promise<Key>} */
  return async (authorization) => {
    const [, text] = /^Bearer (\S+)$/.exec(authorization ?? '') ?? [];
    const key = text && (await find(createHash('sha256').update(text).digest('hex')));
    if (!key || key.revokedAt || (key.expiresAt && key.expiresAt.getTime() <= Date.now())) {
      throw new Unauthenticated('A valid API key is required.');
    }
    return key;
  };
}
