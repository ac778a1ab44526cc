import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { Context } from '../../../context.js';
import type { Reservation } from '../../../lib/http/outflow.js';
import type { Sender, SenderOf } from '../../../lib/http/sender.js';
import type { Observed, Observer } from '../../../lib/observe/observer.js';
import { withRequest } from '../../../lib/observe/request.js';
import type { Turns } from '../../../lib/process/turns.js';
import { observedAnswer, withIds } from '../../execution/observed.js';
import { written } from '../../execution/subscriptions/shared-answers.js';
import { expectedBytes, noteBytes } from '../../limits/answer-sizes.js';
import type { Budget, Received } from '../../limits/budget.js';
import { refuseDeepVariables } from '../../limits/document.js';
import { documentTurns } from '../../limits/document-turns.js';
import { inexact } from '../body.js';
import { withTrustedText } from '../documents/trusted-documents.js';
import type { GraphqlServer } from '../server.js';
import type { Connection } from './connection.js';
import type { Mask } from './errors.js';

export interface OperationsOptions {
  graphql: GraphqlServer;
  /** The context of one operation of a key. @throws UNAUTHENTICATED */
  contextOf(key: string | undefined, sender?: Sender): Promise<Context>;
  senderOf: SenderOf;
  budget: Budget;
  turns: Turns;
  observer: Observer;
  /** How many operations a connection may have in progress. */
  maxPerSocket: number;
  mask: Mask;
}

type Run = Pick<ReturnType<GraphqlServer['getEnveloped']>, 'execute' | 'subscribe'>;
type Answer = ExecutionResult | AsyncIterableIterator<ExecutionResult>;

/** An operation in progress. */
interface Operation {
  /** The functions of the server's plugins for this operation. */
  run: Run;
  observed: Observed;
  /** Charges for a response with an error that prevented the execution. */
  charge(answer: ExecutionResult): void;
}

/** The operations of all connections. */
export interface Operations {
  /**
   * Begins an operation while `underWay` others are in progress. Resolves to its execution arguments, or to the errors
   * if it is refused.
   */
  begin(connection: Connection, asked: SubscribePayload, underWay: number): Promise<ExecutionArgs | GraphQLError[]>;
  /** Executes an operation that was begun, identified by its execution arguments. */
  answer(kind: keyof Run, args: ExecutionArgs): Promise<Answer>;
}

export function createOperations(options: OperationsOptions): Operations {
  const { graphql, contextOf, senderOf, budget, observer, maxPerSocket, mask } = options;
  const documents = documentTurns(options.turns, budget);
  /** Keyed by execution arguments, because the protocol library passes only these. */
  const begun = new WeakMap<ExecutionArgs, Operation>();

  /**
   * Returns the functions of the server's plugins for one operation, and its execution arguments; or the errors if the
   * document is invalid.
   */
  const prepare = async (context: Context & Received, asked: SubscribePayload) => {
    refuseDeepVariables(asked.variables);
    const named = { ...asked, operationName: asked.operationName || null };
    const params = await withTrustedText(context, named, { takesHash: true });
    // Plugins identify an operation by its request, so each operation gets one. It has none of the connection's
    // headers.
    const request = new Request('http://localhost/graphql', { method: 'POST' });
    await documents.wait(context.caller, Math.max(context.bodyBytes ?? 0, params.query?.length ?? 0));
    const run = graphql.getEnveloped({ ...context, request, params });
    const document = run.parse(params.query);
    const errors: readonly GraphQLError[] = run.validate(run.schema, document);
    if (errors.length > 0) return errors.map(mask);
    const args: ExecutionArgs = {
      schema: run.schema,
      document,
      operationName: params.operationName,
      variableValues: params.variables,
      contextValue: await run.contextFactory(),
    };
    return { run, args };
  };

  /** Prepares an operation if its key has points left. A refused operation is charged by the size of its message. */
  const admit = async (
    { key, request, outlet, messageBytes = 0, fault }: Connection,
    asked: SubscribePayload,
    observed: Observed,
  ): Promise<ExecutionArgs | GraphQLError[]> => {
    const { caller, ...context } = await contextOf(key, senderOf(request));
    budget.admit(caller);
    const charge: Operation['charge'] = (answer) => budget.chargeWhenRefused(caller, answer, messageBytes);
    // The path of the fault begins with the payload of the message. The client gets the path within the request.
    const refuse = () => Promise.reject(fault && inexact(fault, fault.path.slice(1)));
    const opened = { caller, ...context, bodyBytes: messageBytes, ...(outlet && { outlet }) };
    const prepared = await (fault ? refuse() : prepare(opened, asked)).catch((error: unknown) => [mask(error)]);
    if (Array.isArray(prepared)) {
      charge({ errors: prepared });
      return prepared;
    }
    begun.set(prepared.args, { run: prepared.run, observed, charge });
    return prepared.args;
  };

  const execute = async (kind: keyof Run, args: ExecutionArgs, { run, charge }: Operation): Promise<Answer> => {
    let room: Reservation | undefined;
    try {
      // Subscriptions wait for room themselves, at each event.
      if (kind === 'execute') room = await (args.contextValue as Received).outlet?.room(expectedBytes(args.document));
      const answer = (await run[kind](args)) as Answer;
      if ('errors' in answer) charge(answer);
      if (kind === 'subscribe' || !('data' in answer)) return answer;
      const { result, bytes } = written(answer);
      noteBytes(args.document, bytes);
      return result;
    } catch (error) {
      const refused = { errors: [mask(error)] };
      charge(refused);
      return refused;
    } finally {
      room?.release();
    }
  };

  return {
    async begin(connection, asked, underWay) {
      connection.operations += 1;
      const observed = observer.operation(`${connection.id}-${connection.operations}`, connection.request.headers);
      const args =
        underWay > maxPerSocket
          ? [tooMany(maxPerSocket)]
          : await withRequest(observed.notes, () => admit(connection, asked, observed)).catch((error: unknown) => [
              mask(error),
            ]);
      if (!Array.isArray(args)) return args;
      const told = withIds(observed.notes, args);
      observed.end();
      return told;
    },
    async answer(kind, args) {
      const operation = begun.get(args);
      if (!operation) throw new Error('An operation is answered that was never begun.');
      return observedAnswer(operation.observed, () => execute(kind, args, operation));
    },
  };
}

const tooMany = (most: number): GraphQLError =>
  new GraphQLError(`A connection has at most ${most} operations under way.`, {
    extensions: { code: 'RATE_LIMITED' },
  });
