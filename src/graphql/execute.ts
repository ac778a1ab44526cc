import type { DocumentNode, ExecutionArgs, ExecutionResult } from 'graphql';
import { execute } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { variableErrors } from './variables.js';

type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/**
 * Runs operations by compiled functions: graphql-js walks the document anew for each row, a compiled one is
 * straight code. Compiling costs some milliseconds, so an operation is compiled when it comes a second time; one
 * that never comes again, such as with values written into its text, is run by graphql-js.
 */
export function createExecute(): Execute {
  // Documents are cached by their text, and an entry goes when its document does.
  const operations = new WeakMap<DocumentNode, Map<string, Execute | 'seen once'>>();

  return (args) => {
    let ofDocument = operations.get(args.document);
    if (!ofDocument) {
      ofDocument = new Map();
      operations.set(args.document, ofDocument);
    }
    const name = args.operationName ?? '';
    let run = ofDocument.get(name);
    if (run === undefined) {
      ofDocument.set(name, 'seen once');
      return explained(args, execute(args) as ReturnType<Execute>);
    }
    if (run === 'seen once') {
      run = compile(args);
      ofDocument.set(name, run);
    }
    return explained(args, run(args));
  };
}

/** An answer without data was refused before anything ran: for its variables, of which we can say more. */
function explained(args: ExecutionArgs, result: ReturnType<Execute>): ReturnType<Execute> {
  if ('then' in result || result.data !== undefined) return result;
  const errors = variableErrors(args);
  return errors.length > 0 ? { errors } : (execute(args) as ReturnType<Execute>);
}

/** The operation as a function; graphql-js itself for one that cannot be compiled, which it then explains better. */
function compile({ schema, document, operationName }: ExecutionArgs): Execute {
  const compiled = compileQuery(schema, document, operationName ?? undefined, {
    disablingCapturingStackErrors: true,
    useExperimentalPathBasedSkipInclude: true,
  });
  if (!isCompiledQuery(compiled)) return execute as Execute;
  return ({ rootValue, contextValue, variableValues }) => compiled.query(rootValue, contextValue, variableValues ?? {});
}
