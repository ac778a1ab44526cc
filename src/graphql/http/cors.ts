import type { CORSOptions } from 'graphql-yoga';

/**
 * The CORS rules: any origin may send requests, because every request needs a key. Cookies are not used, so credentials
 * are not allowed.
 */
export const cors: CORSOptions = {
  methods: ['GET', 'POST'],
  credentials: false,
  // The response headers that a page may read.
  exposedHeaders: ['Idempotency-Replayed', 'Retry-After', 'WWW-Authenticate', 'X-Cache', 'X-Request-Id'],
  // In seconds: the longest time for which browsers cache a preflight. Without the cache each request would need a
  // preflight.
  maxAge: 7_200,
};
