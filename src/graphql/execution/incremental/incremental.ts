import { normalizedExecutor } from '@graphql-tools/executor';
import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import { currentRequest } from '../../../lib/observe/request.js';
import { countFields } from '../../limits/expansion.js';
import type { createMaskError } from '../errors.js';
import { maxFields, tooManyFields } from '../execute.js';
import { withIds } from '../observed.js';
import { readVariables } from '../variables.js';

/** What is answered after the first part, by the form of 2022 that clients know. */
interface Part extends ExecutionResult {
  incremental?: readonly ExecutionResult[];
}

type Mask = ReturnType<typeof createMaskError>;

/**
 * Answers queries with `@defer` and `@stream` in parts, to who accepts parts over POST. Everybody else gets the whole at once, as
 * the specification allows: compiled code knows no parts, and what is kept under an Idempotency-Key or an ETag is whole.
 */
export function answerInParts(maskError: Mask): Plugin {
  const { onValidate } = useDeferStream() as Plugin;
  const documents = new WeakMap<DocumentNode, boolean>();
  const hasParts = (document: DocumentNode): boolean => {
    const known = documents.get(document) ?? asksForParts(document);
    documents.set(document, known);
    return known;
  };
  return {
    onValidate: (payload) => (hasParts(payload.params.documentAST) ? onValidate?.(payload) : undefined),
    onExecute({ args, setExecuteFn }) {
      const { request, isBatch } = args.contextValue as YogaInitialContext & { isBatch?: boolean };
      if (request.method !== 'POST' || !acceptsParts.test(request.headers.get('accept') ?? '') || isBatch) return;
      const operation = getOperationAST(args.document, args.operationName);
      if (operation?.operation !== 'query' || !hasParts(args.document)) return;
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

async function executeInParts(args: ExecutionArgs, operation: OperationDefinitionNode, maskError: Mask) {
  const variables = readVariables(args, operation);
  if ('errors' in variables) return variables;
  if (countFields(args.document, operation) > maxFields) return { errors: [tooManyFields()] };
  const answer = await normalizedExecutor(args);
  return Symbol.asyncIterator in answer ? maskParts(answer, maskError) : answer;
}

/** The server masks the errors of the first part alone. */
async function* maskParts(parts: AsyncIterable<Part>, maskError: Mask): AsyncGenerator<Part> {
  const notes = currentRequest();
  const mask = (errors: readonly GraphQLError[]): readonly GraphQLError[] => {
    const masked = errors.map(maskError);
    return notes ? withIds(notes, masked) : masked;
  };
  for await (const { incremental, ...others } of parts) {
    yield incremental
      ? {
          ...others,
          incremental: incremental.map((part) => (part.errors ? { ...part, errors: mask(part.errors) } : part)),
        }
      : others;
  }
}
