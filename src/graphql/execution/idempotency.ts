import { createHash } from 'node:crypto';
import { type ExecutionResult, getOperationAST } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import type { Context, Run } from '../../context.js';
import { logFailure } from '../../db/faults/faults.js';
import type { ErrorCode } from '../../errors.js';
import type { Log } from '../../lib/process/log.js';

const requestHeader = 'Idempotency-Key';
const responseHeader = 'Idempotency-Replayed';

interface Begun {
  run: Run;
  secrets: ReadonlySet<string>;
}

/** Options that callers within the process add to a request. */
interface Asking {
  /** The input that identifies a repetition; the variables when left out. */
  asked?: unknown;
}

/**
 * Executes a mutation with an Idempotency-Key only once, and answers repetitions with the stored response. Must come
 * after all plugins that refuse requests, because a refused request must not use up its key.
 */
export function doOnce(log: Log): Plugin<Context & Asking> {
  const runs = new WeakMap<Request, Begun>();

  const keep = async ({ run, secrets }: Begun, result: unknown): Promise<void> => {
    try {
      await run.end(isFinal(result as ExecutionResult) ? answerOf(result, secrets) : null);
    } catch (error) {
      // The key was recorded in the same transaction as the change, so a repetition is recognised even without the
      // stored response.
      logFailure(log, error, 'The answer to a request with an Idempotency-Key could not be stored.');
    }
  };

  return {
    onExecute({ args, context, setResultAndStopExecution }) {
      const key = context.request.headers.get(requestHeader);
      if (key === null || getOperationAST(args.document, args.operationName)?.operation !== 'mutation')
        return undefined;
      const { caller, services, servicesOver, params, asked = params.variables } = context;
      return services.idempotency.begin(caller, key, fingerprintOf(params, asked)).then((begun) => {
        if ('answer' in begun) return setResultAndStopExecution(replayed(begun.answer));
        runs.set(context.request, { run: begun.run, secrets: context.secrets });
        const servicesOf: Context['servicesOf'] = (field) => servicesOver(begun.run.databaseFor(field));
        Object.assign(context, { servicesOf });
        return undefined;
      });
    },

    onExecutionResult({ request, result }) {
      const begun = runs.get(request);
      return begun && keep(begun, result);
    },
  };
}

/** The response to store. Secrets, which are shown only once, are replaced by null. */
const answerOf = (result: unknown, secrets: ReadonlySet<string>): string =>
  JSON.stringify(result, (_name, value: unknown) => (typeof value === 'string' && secrets.has(value) ? null : value));

/** SHA-256 of the request. The order of property names does not matter. */
function fingerprintOf({ query, operationName }: GraphQLParams, asked: unknown): string {
  const text = JSON.stringify([query, operationName || null, asked ?? {}], (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(text).digest('hex');
}

const passing: readonly unknown[] = [
  'ANALYTICS_ERROR',
  'IDEMPOTENCY_KEY_IN_USE',
  'INTERNAL_SERVER_ERROR',
  'SERVICE_UNAVAILABLE',
  'UNAVAILABLE',
] satisfies (ErrorCode | 'INTERNAL_SERVER_ERROR')[];

/** Whether a repetition gets the stored response. After a transient error it runs again instead. */
const isFinal = ({ errors = [] }: ExecutionResult): boolean =>
  errors.every(({ extensions }) => !passing.includes(extensions.code));

/** The stored response. The server turns `extensions.http` into HTTP headers. */
function replayed(answer: string): ExecutionResult {
  const result = JSON.parse(answer) as ExecutionResult;
  return { ...result, extensions: { ...result.extensions, http: { headers: { [responseHeader]: 'true' } } } };
}
