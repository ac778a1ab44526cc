import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../context.js';
import { CacheUse } from '../../lib/process/cache-use.js';

const header = 'X-Cache';

/**
 * Tells by a header whether the heavy reads of an answer came from the cache: `hit` when all of them did. Stands behind
 * what keeps answers under an idempotency key, since it says nothing of a repetition.
 */
export function tellCacheUse(): Plugin<Context> {
  const uses = new WeakMap<Request, CacheUse>();
  return {
    onExecute({ context }) {
      const cacheUse = new CacheUse();
      uses.set(context.request, cacheUse);
      Object.assign(context, { cacheUse });
    },
    onExecutionResult({ request, result, setResult }) {
      const told = uses.get(request)?.told;
      // An answer in parts has begun already.
      if (told === undefined || !result || Symbol.asyncIterator in result) return;
      setResult(withHeaders(result, { [header]: told }));
    },
  };
}

/** The result with these headers beside those that it asks for; the server takes `extensions.http` out of answers over HTTP. */
export function withHeaders(
  { extensions, ...rest }: ExecutionResult,
  headers: Readonly<Record<string, string>>,
): ExecutionResult {
  const http = extensions?.http as { headers?: Record<string, string> } | undefined;
  return { ...rest, extensions: { ...extensions, http: { ...http, headers: { ...http?.headers, ...headers } } } };
}
