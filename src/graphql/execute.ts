import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql';
import { type CompiledOperation, compileOperation } from './compile.js';
import { variableErrors } from './variables.js';

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

  return (args) => {
    const { schema, document, operationName } = args;
    const operation = getOperationAST(document, operationName);
    if (!operation) return interpret(args);
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], args.variableValues ?? {});
    if (!coerced) return { errors: variableErrors(args, operation) };

    let run = operations.get(operation);
    if (run === undefined) {
      operations.set(operation, 'seen once');
      return interpret(args);
    }
    if (run === 'seen once') {
      run = compileOperation(schema, document, operation) ?? (() => undefined);
      operations.set(operation, run);
    }
    return run(args, coerced) ?? interpret(args);
  };
}
