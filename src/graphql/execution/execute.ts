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
 * Runs operations by compiled functions: graphql-js walks the document anew for each row, a compiled one is
 * straight code. Compiling costs some milliseconds, so an operation is compiled when it comes a second time; one
 * that never comes again, such as with values written into its text, is run by graphql-js.
 */
export function createExecute(): Execute {
  // Documents are cached by their text, and an entry goes when its document does.
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
 * Lets the auth plugin forget the context. It keeps something of each context in a WeakMap, by which the context can be reached:
 * V8 takes the values of such a map for alive when it collects young objects, so that all of each request would become old.
 */
export const letGo = (context: unknown): void => {
  if (typeof context === 'object' && context !== null) RequestCache.clearForContext(context);
};

export const tooManyFields = (): GraphQLError =>
  new GraphQLError(`An operation selects at most ${maxFields} fields, those of its fragments counted at each use.`, {
    extensions: { code: 'COST_LIMIT' satisfies ErrorCode, http: { status: 400, spec: true } },
  });
