import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../context.js';
import type { Received } from '../limits/budget.js';

/** What is added to a request once its key is known. */
export interface Opened {
  /** Another context of the same key. @throws UNAUTHENTICATED */
  open(): Promise<Context>;
}

/**
 * Checks requests with several operations. Each operation is charged by itself and has its own loaders, so that none
 * reads stale data after another one has changed it. The number of operations is checked before any is parsed.
 */
export const separateBatches: Plugin<object, Context & Opened & Received> = {
  onRequestParse({ request, serverContext }) {
    return {
      onRequestParseDone({ requestParserResult: operations }) {
        if (!Array.isArray(operations)) return;
        if (operations.length === 0) throw refusal('A batch holds at least one operation.');
        if (request.headers.has('idempotency-key')) {
          throw refusal('An Idempotency-Key is for one operation; send it without a batch.');
        }
        Object.assign(serverContext, { batchSize: operations.length });
      },
    };
  },
  onParams({ context }) {
    if (context.batchSize === undefined) return undefined;
    return context.open().then((own) => void Object.assign(context, own));
  },
  onSubscribe({ args, setResultAndStopExecution }) {
    const { batchSize } = args.contextValue as Received;
    if (batchSize !== undefined)
      setResultAndStopExecution({ errors: [refusal('A subscription cannot be part of a batch.')] });
  },
};

const refusal = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
