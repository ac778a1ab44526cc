import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Observed } from '../../lib/observe/observer.js';
import { currentRequest, noteError, noteOperation, type RequestNotes, withRequest } from '../../lib/observe/request.js';
import { tracing } from '../../lib/observe/tracing.js';
import { placeOf } from './errors.js';

type Answer = ExecutionResult | AsyncIterableIterator<ExecutionResult>;

/** Notes what is executed and with which errors it is answered, and gives the errors the id of the request. */
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

/** Makes spans of the phases before an operation is executed. */
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

/** Answers an operation of a WebSocket, and ends its observation with its last answer. */
export async function observedAnswer({ notes, end }: Observed, work: () => Promise<Answer>): Promise<Answer> {
  const answer = await withRequest(notes, work);
  if (Symbol.asyncIterator in answer) return observedStream(notes, answer, end);
  const told = tell(notes, answer);
  end();
  return told;
}

/** The stream, each item of which is made for the request, wherever it is asked for. */
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

/** Notes the errors of an answer, and gives each the id. */
const tell = (notes: RequestNotes, result: ExecutionResult): ExecutionResult =>
  result.errors ? { ...result, errors: withIds(notes, result.errors) } : result;

/** Errors with the id of the request. They may be shared by many requests, so they are copied. */
export function withIds(notes: RequestNotes, errors: readonly GraphQLError[]): GraphQLError[] {
  return errors.map((error) => {
    notes.errors.add(String(error.extensions?.code));
    const extensions = { ...error.extensions, requestId: notes.id };
    return new GraphQLError(error.message, { ...placeOf(error), extensions });
  });
}

/** The extensions of an error that is answered without the library. */
export function extensionsOf(code: string): object {
  noteError(code);
  const notes = currentRequest();
  return { code, ...(notes && { requestId: notes.id }) };
}
