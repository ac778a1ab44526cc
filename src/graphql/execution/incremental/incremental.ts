import { normalizedExecutor } from '@graphql-tools/executor';
import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  valueFromASTUntyped,
  visit,
} from 'graphql';
import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import type { ErrorCode } from '../../../errors.js';
import { currentRequest } from '../../../lib/observe/request.js';
import type { Received } from '../../limits/budget.js';
import { countFields } from '../../limits/expansion.js';
import type { createMaskError } from '../errors.js';
import { letGo, maxFields, tooManyFields } from '../execute.js';
import { withIds } from '../observed.js';
import { readVariables } from '../variables.js';

/** A part after the first one, in the format of 2022, which clients support. */
interface Part extends ExecutionResult {
  incremental?: readonly ExecutionResult[];
}

type Mask = ReturnType<typeof createMaskError>;

/**
 * Answers queries with `@defer` and `@stream` incrementally, if the client accepts that over POST. Others get the whole
 * response at once, as the specification allows. So do operations whose response is compiled, or stored under an
 * Idempotency-Key or an ETag.
 */
export function answerInParts(maskError: Mask): Plugin {
  const { onValidate } = useDeferStream() as Plugin;
  const documents = new WeakMap<DocumentNode, boolean>();
  const hasParts = (document: DocumentNode): boolean => {
    let known = documents.get(document);
    if (known === undefined) {
      known = asksForParts(document);
      documents.set(document, known);
    }
    return known;
  };
  return {
    onValidate: (payload) => (hasParts(payload.params.documentAST) ? onValidate?.(payload) : undefined),
    onExecute({ args, setExecuteFn, setResultAndStopExecution }) {
      const operation = getOperationAST(args.document, args.operationName);
      if (!operation || !hasParts(args.document)) return;
      const errors = negativeCounts(args, operation);
      if (errors.length > 0) return setResultAndStopExecution({ errors });
      const { request, batchSize } = args.contextValue as YogaInitialContext & Received;
      if (request.method !== 'POST' || !acceptsParts.test(request.headers.get('accept') ?? '')) return;
      if (operation.operation !== 'query' || batchSize !== undefined) return;
      setExecuteFn((given: ExecutionArgs) => executeInParts(given, operation, maskError));
    },
  };
}

const acceptsParts = /multipart\/mixed|text\/event-stream/i;

function asksForParts(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    [Kind.DIRECTIVE]({ name: { value } }) {
      found ||= value === 'defer' || value === 'stream';
    },
  });
  return found;
}

/** The errors for a negative `initialCount`. They are the same for clients that do not accept incremental responses. */
function negativeCounts(
  { document, variableValues }: ExecutionArgs,
  operation: OperationDefinitionNode,
): GraphQLError[] {
  const variables = {
    ...Object.fromEntries(
      operation.variableDefinitions?.flatMap(({ variable, defaultValue }) =>
        defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
      ) ?? [],
    ),
    ...variableValues,
  };
  const errors: GraphQLError[] = [];
  visit(document, {
    [Kind.DIRECTIVE]({ name, arguments: given = [] }) {
      if (name.value !== 'stream') return;
      const count = given.find((argument) => argument.name.value === 'initialCount');
      const value = count && valueFromASTUntyped(count.value, variables);
      if (typeof value !== 'number' || value >= 0) return;
      const extensions = { code: 'BAD_USER_INPUT' satisfies ErrorCode, argument: 'initialCount' };
      const http = { status: 400, spec: true };
      errors.push(
        new GraphQLError('initialCount must not be negative.', {
          nodes: count ?? null,
          extensions: { ...extensions, http },
        }),
      );
    },
  });
  return errors;
}

async function executeInParts(args: ExecutionArgs, operation: OperationDefinitionNode, maskError: Mask) {
  const variables = readVariables(args, operation);
  if ('errors' in variables) return variables;
  if (countFields(args.document, operation) > maxFields) return { errors: [tooManyFields()] };
  const answer = await normalizedExecutor(args);
  if (Symbol.asyncIterator in answer) return partsOf(args, answer, maskError);
  letGo(args.contextValue);
  return answer;
}

/**
 * Masks the errors of all parts, because the server does so only in the first part. Releases the context after the last
 * part.
 */
async function* partsOf(
  { contextValue }: ExecutionArgs,
  parts: AsyncIterable<Part>,
  maskError: Mask,
): AsyncGenerator<Part> {
  const notes = currentRequest();
  const mask = (errors: readonly GraphQLError[]): readonly GraphQLError[] => {
    const masked = errors.map(maskError);
    return notes ? withIds(notes, masked) : masked;
  };
  try {
    for await (const { incremental, ...others } of parts) {
      yield incremental
        ? {
            ...others,
            incremental: incremental.map((part) => (part.errors ? { ...part, errors: mask(part.errors) } : part)),
          }
        : others;
    }
  } finally {
    letGo(contextValue);
  }
}
