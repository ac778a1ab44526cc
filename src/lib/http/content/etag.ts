/** Validators of answers (RFC 9110, 8.8.3). */
import { createHash } from 'node:crypto';

/** A weak validator, since the same answer may be sent in several codings. */
export const etagOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  // The length first, so that no two lists of parts read the same.
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return `W/"${hash.digest('base64url').slice(0, 27)}"`;
};

/** Whether an If-None-Match holds this validator: in a list, weak or strong, or as "*". */
export function isNoneMatch(header: string | null | undefined, etag: string): boolean {
  if (!header) return false;
  if (header.trim() === '*') return true;
  const opaque = etag.replace(/^W\//, '');
  return header.split(',').some((one) => one.trim().replace(/^W\//, '') === opaque);
}
