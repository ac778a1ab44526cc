import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
} from 'graphql';
import type { Context, StreamedEvent } from '../../../context.js';
import { faultOf } from '../../../db/faults/faults.js';
import { AppError } from '../../../errors.js';
import type { Reservation } from '../../../lib/http/outflow.js';
import { rateLimited } from '../../../lib/observe/meters.js';
import { type Stream, streamOf } from '../../../lib/process/streams.js';
import { createTally } from '../../../lib/process/tally.js';
import type { Turns } from '../../../lib/process/turns.js';
import { expectedBytes, noteBytes } from '../../limits/answer-sizes.js';
import type { Budget, Received } from '../../limits/budget.js';
import { originalOf } from '../errors.js';
import { readVariables } from '../variables.js';
import { type Answer, createSharedAnswers, MakerLeft, written } from './shared-answers.js';
import { signatureOf } from './signature.js';

type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;
type Subscribe = (args: ExecutionArgs) => Promise<ExecutionResult | Stream<ExecutionResult>>;

export interface SubscribeOptions {
  execute: Execute;
  budget: Budget;
  /** The turns of the workspaces that share this process. Events are executed and sent in them. */
  turns: Turns;
  maxPerKey: number;
}

/** Sending this many bytes takes about as long as executing an operation of one point. */
const bytesPerPoint = 1_000;

/**
 * Runs a subscription: executes the operation for each event when the client reads, the key has the points, and it is
 * the workspace's turn. Equal subscriptions share one execution, which is charged once. Data that several followers of
 * a workspace need for an event is read once. A stream that fails ends with an answer that contains a coded error: when
 * its reader is too slow, its key is revoked or has no points, the database is lost, or the process shuts down.
 */
export function createSubscribe({ execute, budget, turns, maxPerKey }: SubscribeOptions): Subscribe {
  const answers = createSharedAnswers();
  const open = createTally(maxPerKey);

  return async (args) => {
    const operation = getOperationAST(args.document, args.operationName);
    const variables = operation && readVariables(args, operation);
    if (variables && 'errors' in variables) return variables;
    const context = args.contextValue as Context & Received;
    const { caller, outlet } = context;
    const leave = open.enter(caller.keyId ?? caller.workspaceId);
    if (!leave) throw tooMany(maxPerKey);

    const source = await createSourceEventStream(args).catch((error: unknown) => {
      leave();
      throw error;
    });
    if (!operation || !(Symbol.asyncIterator in source)) {
      leave();
      return source as ExecutionResult;
    }
    const events = source as Stream<StreamedEvent>;
    const askers = answers.join(signatureOf(args, operation, caller));
    const points = budget.pointsOf(args);
    const left = new AbortController();
    let held: Reservation | undefined;

    const end = (): void => {
      if (left.signal.aborted) return;
      left.abort(new MakerLeft());
      held?.release();
      askers.leave();
      leave();
      stopListening?.();
      void events.return();
    };
    // Without this, the sender of the answers might wait for ever for a connection that has ended.
    const stopListening = outlet?.onClose(end);

    /** The answer to an event; undefined when earlier answers have left no room. */
    const execution = async (streamed: StreamedEvent): Promise<Answer | undefined> => {
      const giveBack = await budget.spendForEvent(caller, points, left.signal);
      return turns.take(caller.workspaceId, points, async () => {
        if (held?.fits() === false) {
          giveBack();
          return undefined;
        }
        const contextValue: Context = { ...context, loaders: context.loadersOf(streamed.batch) };
        const result = await execute({ ...args, rootValue: streamed, contextValue });
        // After a transient error, a client that resumes from the previous event gets this event with its data.
        const lost = result.errors?.map(originalOf).find(isPassing);
        if (lost !== undefined) throw lost;
        budget.settleEvent(caller, args, result);
        const answer = written(result);
        held?.weigh(answer.bytes);
        noteBytes(args.document, answer.bytes);
        return answer;
      });
    };

    const reserveRoom = async (): Promise<void> => {
      held?.release();
      held = await outlet?.room(expectedBytes(args.document), left.signal);
      if (!left.signal.aborted) return;
      held?.release();
      throw left.signal.reason;
    };

    const answerTo = async (streamed: StreamedEvent): Promise<ExecutionResult> => {
      for (;;) {
        await reserveRoom();
        let isMaker = false;
        const answer = await askers.answer(streamed.event.seq, () => {
          isMaker = true;
          return execution(streamed);
        });
        if (answer && isMaker) return answer.result;
        const isTold = answer && (await turns.take(caller.workspaceId, weightOf(answer), () => held?.fits() !== false));
        if (!isTold) continue;
        held?.weigh(answer.bytes);
        return answer.result;
      }
    };

    const next = async (): Promise<ExecutionResult | undefined> => {
      // The previous answer has been sent.
      held?.release();
      if (left.signal.aborted) return undefined;
      try {
        const { done, value } = await events.next();
        if (!done) return await answerTo(value);
        end();
        return undefined;
      } catch (error) {
        const hasLeft = left.signal.aborted;
        end();
        if (hasLeft) return undefined;
        const originalError = error instanceof Error ? error : new Error(String(error));
        return { errors: [new GraphQLError(originalError.message, { originalError })] };
      }
    };
    return streamOf(next, end);
  };
}

const weightOf = ({ bytes }: Answer): number => Math.ceil(bytes / bytesPerPoint);

function tooMany(most: number): AppError {
  rateLimited.inc({ limit: 'subscriptions_of_key' });
  return new AppError('RATE_LIMITED', `A key has at most ${most} subscriptions open.`, {
    retryable: true,
    retryAfter: 5,
  });
}

const isPassing = (error: unknown): boolean => faultOf(error)?.code === 'UNAVAILABLE';
