import type { CORSOptions } from 'graphql-yoga';

/**
 * What browsers are told of other origins: any of them may ask, since whoever does brings the key along. Nothing here
 * reads cookies, so none are let through.
 */
export const cors: CORSOptions = {
  methods: ['GET', 'POST'],
  credentials: false,
  // What a page gets to see of an answer beyond its body and type.
  exposedHeaders: ['Idempotency-Replayed', 'Retry-After', 'WWW-Authenticate', 'X-Cache', 'X-Request-Id'],
  // In seconds; the longest that browsers keep a preflight, without which each request would be two.
  maxAge: 7_200,
};
