/** ETags of responses (RFC 9110, 8.8.3). */
import { createHash } from 'node:crypto';

/** A weak ETag, because the same response may be sent with different codings. */
export const etagOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  // The length comes first, so that different lists of parts never give the same hash input.
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return `W/"${hash.digest('base64url').slice(0, 27)}"`;
};

/** Whether an If-None-Match header contains this ETag: in a list, weak or strong, or as "*". */
export function isNoneMatch(header: string | null | undefined, etag: string): boolean {
  if (!header) return false;
  if (header.trim() === '*') return true;
  const opaque = etag.replace(/^W\//, '');
  return header.split(',').some((one) => one.trim().replace(/^W\//, '') === opaque);
}
