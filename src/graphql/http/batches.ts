import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../context.js';
import type { Received } from '../limits/budget.js';

/** What is known of a request from the time that its key is. */
export interface Opened {
  /** Another context of the same key. @throws UNAUTHENTICATED */
  open(): Promise<Context>;
  /** Whether it brings several operations. */
  isBatch?: boolean;
}

/**
 * Bounds what a request of several operations may be. Each is one by itself, for its points, with loaders of its own: none
 * reads what another has changed meanwhile. How many there may be is counted before any is parsed.
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
        // Each has its part of the body: with all of it, one would wait until the others are done.
        const bodyBytes = Math.ceil((serverContext.bodyBytes ?? 0) / operations.length);
        Object.assign(serverContext, { isBatch: true, bodyBytes });
      },
    };
  },
  onParams({ context }) {
    if (!context.isBatch) return undefined;
    return context.open().then((own) => void Object.assign(context, own));
  },
  onSubscribe({ args, setResultAndStopExecution }) {
    const { isBatch } = args.contextValue as Partial<Opened>;
    if (isBatch) setResultAndStopExecution({ errors: [refusal('A subscription is no part of a batch.')] });
  },
};

const refusal = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
