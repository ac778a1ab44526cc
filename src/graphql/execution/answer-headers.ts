import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../context.js';
import { CacheUse } from '../../lib/process/cache-use.js';

const header = 'X-Cache';

/**
 * Sets a header that tells whether the heavy reads of a response came from the cache: `hit` when all of them did. Must
 * come after the idempotency plugin, so that a stored response does not contain the header.
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
      // The headers of an incremental response have already been sent.
      if (told === undefined || !result || Symbol.asyncIterator in result) return;
      setResult(withHeaders(result, { [header]: told }));
    },
  };
}

/** The result with these headers in addition to its own. The server turns `extensions.http` into HTTP headers. */
export function withHeaders(
  { extensions, ...rest }: ExecutionResult,
  headers: Readonly<Record<string, string>>,
): ExecutionResult {
  const http = extensions?.http as { headers?: Record<string, string> } | undefined;
  return { ...rest, extensions: { ...extensions, http: { ...http, headers: { ...http?.headers, ...headers } } } };
}
