import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Observed } from '../../lib/observe/observer.js';
import { currentRequest, noteError, noteOperation, type RequestNotes, withRequest } from '../../lib/observe/request.js';
import { tracing } from '../../lib/observe/tracing.js';
import { placeOf } from './errors.js';

type Answer = ExecutionResult | AsyncIterableIterator<ExecutionResult>;

/** Notes which operation is executed and which errors it has, and adds the request id to the errors. */
export const observed: Plugin = {
  onExecute: ({ args }) => note(args),
  onSubscribe: ({ args }) => note(args as ExecutionArgs),
  onResultProcess({ result, setResult }) {
    const notes = currentRequest();
    if (!notes) return;
    if (Array.isArray(result)) setResult(result.map((one) => tell(notes, one)));
    else if (Symbol.asyncIterator in result) setResult(observedStream(notes, result as AsyncIterable<ExecutionResult>));
    else if (result.errors) setResult(tell(notes, result));
  },
};

/** Creates tracing spans for the phases before execution. */
export const tracePhases: Plugin = {
  onParse() {
    const span = tracing()?.begin({ name: 'graphql.parse', kind: 'internal' });
    return () => span?.end();
  },
  onValidate() {
    const span = tracing()?.begin({ name: 'graphql.validate', kind: 'internal' });
    return () => span?.end();
  },
};

const note = ({ document, operationName }: ExecutionArgs): void =>
  noteOperation(getOperationAST(document, operationName)?.name?.value);

/** Runs an operation of a WebSocket, and ends its observation with its last result. */
export async function observedAnswer({ notes, end }: Observed, work: () => Promise<Answer>): Promise<Answer> {
  const answer = await withRequest(notes, work);
  if (Symbol.asyncIterator in answer) return observedStream(notes, answer, end);
  const told = tell(notes, answer);
  end();
  return told;
}

/** The stream. Each item is produced in the async context of the request, whoever reads it. */
function observedStream(
  notes: RequestNotes,
  items: AsyncIterable<ExecutionResult>,
  end: () => void = () => undefined,
): AsyncIterableIterator<ExecutionResult> {
  const source = items[Symbol.asyncIterator]();
  const stream: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      const item = await withRequest(notes, () => source.next());
      if (!item.done) return { done: false, value: tell(notes, item.value) };
      end();
      return item;
    },
    async return() {
      end();
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

/** Notes the errors of a result, and adds the request id to each. */
const tell = (notes: RequestNotes, result: ExecutionResult): ExecutionResult =>
  result.errors ? { ...result, errors: withIds(notes, result.errors) } : result;

/** Errors with the id of the request. Several requests may share an error, so each is copied. */
export function withIds(notes: RequestNotes, errors: readonly GraphQLError[]): GraphQLError[] {
  return errors.map((error) => {
    notes.errors.add(String(error.extensions?.code));
    const extensions = { ...error.extensions, requestId: notes.id };
    return new GraphQLError(error.message, { ...placeOf(error), extensions });
  });
}

/** The extensions of an error that is not sent by the GraphQL library. */
export function extensionsOf(code: string): object {
  noteError(code);
  const notes = currentRequest();
  return { code, ...(notes && { requestId: notes.id }) };
}
