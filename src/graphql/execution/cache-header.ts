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
      if (told === undefined) return;
      const { extensions, ...rest } = result as ExecutionResult;
      const http = extensions?.http as { headers?: Record<string, string> } | undefined;
      setResult({
        ...rest,
        extensions: { ...extensions, http: { ...http, headers: { ...http?.headers, [header]: told } } },
      });
    },
  };
}
