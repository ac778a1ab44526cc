import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
} from 'graphql';
import type { Context, StreamedEvent } from '../../context.js';
import { faultOf } from '../../db/faults/faults.js';
import { type Stream, streamOf } from '../../lib/process/streams.js';
import { originalOf } from './errors.js';
import { readVariables } from './variables.js';

type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;
type Subscribe = (args: ExecutionArgs) => Promise<ExecutionResult | Stream<ExecutionResult>>;

/**
 * Subscribes, and executes the operation for each event. What followers of one workspace want of an event is read once for
 * all of them. A stream that fails, since its reader was too slow, its key ended, the database was lost or the process ends,
 * says so in a last answer with a coded error.
 */
export function createSubscribe(execute: Execute): Subscribe {
  return async (args) => {
    const operation = getOperationAST(args.document, args.operationName);
    const variables = operation && readVariables(args, operation);
    if (variables && 'errors' in variables) return variables;
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    const events = source as Stream<StreamedEvent>;
    const context = args.contextValue as Context;
    let ended = false;
    const next = async (): Promise<ExecutionResult | undefined> => {
      if (ended) return undefined;
      try {
        const { done, value } = await events.next();
        if (done) return undefined;
        const contextValue: Context = { ...context, loaders: context.loadersOf(value.batch) };
        const result = await execute({ ...args, rootValue: value, contextValue });
        // Whoever goes on from the event before gets to see the object of this one.
        const lost = result.errors?.map(originalOf).find(isPassing);
        if (lost !== undefined) throw lost;
        return result;
      } catch (error) {
        ended = true;
        await events.return();
        const originalError = error instanceof Error ? error : new Error(String(error));
        return { errors: [new GraphQLError(originalError.message, { originalError })] };
      }
    };
    return streamOf(next, () => void events.return());
  };
}

const isPassing = (error: unknown): boolean => faultOf(error)?.code === 'UNAVAILABLE';
