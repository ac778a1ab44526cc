import { RequestCache } from '@pothos/plugin-scope-auth';
import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql';
import type { ErrorCode } from '../../errors.js';
import { countFields } from '../limits/expansion.js';
import { type CompiledOperation, compileOperation } from './compile.js';
import { readVariables } from './variables.js';

export const maxFields = 2_000;

type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/**
 * Runs operations as compiled functions, because graphql-js walks the document again for every row. Compilation takes
 * some milliseconds, so an operation is compiled when it is run for the second time. Operations that run only once, for
 * example with values in their text, are run by graphql-js.
 */
export function createExecute(): Execute {
  // Documents are cached by their text. An entry is released together with its document.
  const operations = new WeakMap<OperationDefinitionNode, CompiledOperation | 'seen once'>();
  const interpret = execute as Execute;

  const executeAny: Execute = (args) => {
    const { schema, document, operationName } = args;
    const operation = getOperationAST(document, operationName);
    if (!operation) return interpret(args);
    const variables = readVariables(args, operation);
    if ('errors' in variables) return variables;

    let run = operations.get(operation);
    if (run === undefined) {
      if (countFields(document, operation) > maxFields) return { errors: [tooManyFields()] };
      operations.set(operation, 'seen once');
      return interpret(args);
    }
    if (run === 'seen once') {
      run = compileOperation(schema, document, operation) ?? (() => undefined);
      operations.set(operation, run);
    }
    return run(args, variables.coerced) ?? interpret(args);
  };

  return (args) => {
    const result = executeAny(args);
    const done = (settled: ExecutionResult): ExecutionResult => {
      letGo(args.contextValue);
      return settled;
    };
    return 'then' in result ? result.then(done) : done(result);
  };
}

/**
 * Releases the context from the cache of the auth plugin. The plugin keeps an object that refers to the context in a
 * WeakMap. V8 treats the values of a WeakMap as alive when it collects young objects, so without this every request
 * would be moved to the old generation.
 */
export const letGo = (context: unknown): void => {
  if (typeof context === 'object' && context !== null) RequestCache.clearForContext(context);
};

export const tooManyFields = (): GraphQLError =>
  new GraphQLError(`An operation selects at most ${maxFields} fields, those of its fragments counted at each use.`, {
    extensions: { code: 'COST_LIMIT' satisfies ErrorCode, http: { status: 400, spec: true } },
  });
