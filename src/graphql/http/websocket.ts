import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, type ExecutionResult, type FormattedExecutionResult, GraphQLError } from 'graphql';
import { handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { KeyWatch } from '../../auth/key-watch.js';
import type { Context } from '../../context.js';
import type { ErrorCode } from '../../errors.js';
import type { AddressSet } from '../../lib/http/addresses.js';
import type { Limits } from '../../lib/http/limits.js';
import type { Outflow, Outlet, Reservation } from '../../lib/http/outflow.js';
import { bearerToken, type Sender, senderBehind } from '../../lib/http/sender.js';
import { rateLimited } from '../../lib/observe/meters.js';
import { type Observed, type Observer, requestIdHeader } from '../../lib/observe/observer.js';
import { requestIdOf, withRequest } from '../../lib/observe/request.js';
import type { Log } from '../../lib/process/log.js';
import { createTally } from '../../lib/process/tally.js';
import type { Turns } from '../../lib/process/turns.js';
import { createMaskError, placeOf } from '../execution/errors.js';
import { observedAnswer, withIds } from '../execution/observed.js';
import { isWritten, written } from '../execution/subscriptions/shared-answers.js';
import { expectedBytes, noteBytes } from '../limits/answer-sizes.js';
import type { Budget, Received } from '../limits/budget.js';
import { refuseDeepVariables } from '../limits/document.js';
import { documentTurns } from '../limits/document-turns.js';
import { createAdmission } from './admission.js';
import { inexact } from './body.js';
import { withTrustedText } from './documents/trusted-documents.js';
import type { GraphqlServer } from './server.js';
import { type Carried, carry, closeCodes } from './socket.js';

export interface WebSocketOptions {
  graphql: GraphqlServer;
  /** The context of one operation of a key. @throws UNAUTHENTICATED */
  contextOf(key: string | undefined, sender?: Sender): Promise<Context>;
  keys: KeyWatch;
  budget: Budget;
  turns: Turns;
  outflow: Outflow;
  limits: Limits;
  observer: Observer;
  /** Proxies whose X-Forwarded-For names the client. */
  trustedProxies: AddressSet;
  /** How long a connection may stay without a key; 10 seconds by default. */
  keylessMs?: number;
  log: Log;
}

/** GraphQL over WebSocket at /graphql, by the graphql-transport-ws protocol. */
export interface WebSocketEndpoint {
  /** Takes over a connection from the HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** How many connections are open. */
  connections(): number;
  /** Closes every connection with code 1012, after which clients reconnect by themselves. */
  close(): void;
}

/** How long a client may take to close its side of a connection before it is cut off. */
const closingMs = 2_000;
/** Longer than the operation ids of any client library. */
const maxIdLength = 256;

/** A connection and the data with which it was opened. */
interface Opened extends Carried {
  request: IncomingMessage;
  /** The id of the connection. The ids of its operations are this id with a number. */
  id: string;
  operations: number;
  stream: Duplex;
  /** Called when the key is known. */
  known(): void;
  key?: string | undefined;
  outlet?: Outlet;
  release?(): void;
}

type Run = Pick<ReturnType<GraphqlServer['getEnveloped']>, 'execute' | 'subscribe'>;
type Answer = ExecutionResult | AsyncIterableIterator<ExecutionResult>;

export function createWebSocketEndpoint(options: WebSocketOptions): WebSocketEndpoint {
  const { graphql, contextOf, keys, budget, outflow, limits, observer, keylessMs = 10_000, log } = options;
  const documents = documentTurns(options.turns, budget);
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.maxBodyBytes,
    // One message per turn of the event loop: thousands of small messages can arrive at once and cost no points.
    allowSynchronousEvents: false,
    handleProtocols,
    // This option is missing in the types.
    ...{ closeTimeout: closingMs },
  });
  const senderOf = senderBehind(options.trustedProxies);
  const admission = createAdmission(limits.maxSocketsPerAddress, options.trustedProxies);
  const ofKeys = createTally(limits.maxSocketsPerKey);
  let isClosed = false;
  const maskError = createMaskError(log);
  const masked = (error: unknown): GraphQLError => withoutHttp(maskError(error));
  const runs = new WeakMap<object, Run>();
  const observations = new WeakMap<object, Observed>();
  /** The ids of the connections, for the response headers of the handshake. */
  const ids = new WeakMap<IncomingMessage, string>();
  server.on('headers', (lines, request) => lines.push(`${requestIdHeader}: ${ids.get(request)}`));
  /** Charges the key if a result says that nothing was executed. */
  const charges = new WeakMap<object, (answer: ExecutionResult) => void>();

  /** Runs the plugins for one operation up to validation. Returns the arguments for execution, or the errors. */
  const prepare = async (
    context: Context & Received,
    asked: SubscribePayload,
  ): Promise<ExecutionArgs | GraphQLError[]> => {
    refuseDeepVariables(asked.variables);
    const named = { ...asked, operationName: asked.operationName || null };
    const params = await withTrustedText(context, named, { takesHash: true });
    // Plugins identify an operation by its request. The headers of the connection do not belong to the operation.
    const request = new Request('http://localhost/graphql', { method: 'POST' });
    await documents.wait(context.caller, Math.max(context.bodyBytes ?? 0, params.query?.length ?? 0));
    const enveloped = graphql.getEnveloped({ ...context, request, params });
    const document = enveloped.parse(params.query);
    const errors: readonly GraphQLError[] = enveloped.validate(enveloped.schema, document);
    if (errors.length > 0) return errors.map(masked);
    const args = {
      schema: enveloped.schema,
      document,
      operationName: params.operationName,
      variableValues: params.variables,
      contextValue: await enveloped.contextFactory(),
    };
    runs.set(args, enveloped);
    return args;
  };

  /** Prepares an operation if the key has points left. A refused operation is charged by the size of its message. */
  const begin = async (
    { key, request, outlet, messageBytes = 0, fault }: Opened,
    params: SubscribePayload,
  ): Promise<ExecutionArgs | GraphQLError[]> => {
    const { caller, ...context } = await contextOf(key, senderOf(request));
    budget.admit(caller);
    const charge = (answer: ExecutionResult): void => budget.chargeWhenRefused(caller, answer, messageBytes);
    // The request is the payload of the message, so the path loses its first part.
    const refuse = () => Promise.reject(fault && inexact(fault, fault.path.slice(1)));
    const opened = { caller, ...context, bodyBytes: messageBytes, ...(outlet && { outlet }) };
    const prepared = await (fault ? refuse() : prepare(opened, params)).catch((error: unknown) => [masked(error)]);
    if (Array.isArray(prepared)) charge({ errors: prepared });
    else charges.set(prepared, charge);
    return prepared;
  };

  const run = (kind: keyof Run, args: ExecutionArgs): Promise<Answer> => {
    const observed = observations.get(args);
    return observed ? observedAnswer(observed, () => answerTo(kind, args)) : answerTo(kind, args);
  };

  const answerTo = async (kind: keyof Run, args: ExecutionArgs): Promise<Answer> => {
    let room: Reservation | undefined;
    try {
      // Subscriptions reserve room for each event themselves.
      if (kind === 'execute') room = await (args.contextValue as Received).outlet?.room(expectedBytes(args.document));
      const answer = (await runs.get(args)?.[kind](args)) as Answer;
      if ('errors' in answer) charges.get(args)?.(answer);
      if (kind === 'subscribe' || !('data' in answer)) return answer;
      const { result, bytes } = written(answer);
      noteBytes(args.document, bytes);
      return result;
    } catch (error) {
      const refused = { errors: [masked(error)] };
      charges.get(args)?.(refused);
      return refused;
    } finally {
      room?.release();
    }
  };

  const protocol = makeServer<Record<string, unknown>, Opened>({
    connectionInitWaitTimeout: keylessMs,
    async onConnect({ connectionParams, extra }) {
      const { socket, stream, request } = extra;
      const header = connectionParams?.Authorization ?? connectionParams?.authorization;
      const key = bearerToken(typeof header === 'string' ? header : request.headers.authorization);
      try {
        const { caller } = await contextOf(key, senderOf(request));
        // The client may have left meanwhile. No close event will follow, so nothing may be reserved for it.
        if (socket.readyState !== socket.OPEN) return false;
        const name = caller.keyId ?? caller.workspaceId;
        const leave = ofKeys.enter(name);
        if (!leave) {
          rateLimited.inc({ limit: 'sockets_of_key' });
          socket.close(closeCodes.tooMany, `A key has at most ${limits.maxSocketsPerKey} connections open.`);
          return false;
        }
        const { signal, release } = keys.watch(caller);
        const refuse = () => socket.close(closeCodes.forbidden, (signal.reason as Error).message);
        signal.addEventListener('abort', refuse);
        const outlet = outflow.open(name, { unsent: () => socket.bufferedAmount, cut: () => socket.terminate() });
        stream.on('drain', outlet.drained);
        extra.key = key;
        extra.outlet = outlet;
        extra.known();
        extra.release = () => {
          signal.removeEventListener('abort', refuse);
          outlet.close();
          leave();
          release();
        };
        return true;
      } catch (error) {
        const { message, extensions } = masked(error);
        socket.close(codeOf(extensions.code), message);
        return false;
      }
    },
    onDisconnect: ({ extra }) => extra.release?.(),
    async onSubscribe({ extra, subscriptions }, operationId, params) {
      // Each answer repeats the id without being charged for it, so its length is limited.
      if (operationId.length > maxIdLength) {
        const words = `An id has at most ${maxIdLength} characters.`;
        extra.socket.close(closeCodes.tooMuch, words);
        return [new GraphQLError(words)];
      }
      extra.operations += 1;
      const observed = observer.operation(`${extra.id}-${extra.operations}`, extra.request.headers);
      const { maxOperationsPerSocket } = limits;
      const prepared =
        Object.keys(subscriptions).length > maxOperationsPerSocket
          ? [tooMany(maxOperationsPerSocket)]
          : await withRequest(observed.notes, () => begin(extra, params)).catch((error: unknown) => [masked(error)]);
      if (Array.isArray(prepared)) {
        const told = withIds(observed.notes, prepared);
        observed.end();
        return told;
      }
      observations.set(prepared, observed);
      return prepared;
    },
    execute: (args) => run('execute', args),
    subscribe: (args) => run('subscribe', args),
    onNext({ extra }, _id, _payload, _args, answer) {
      if (isWritten(answer)) {
        // The message is serialised and sent without an await in between, so this payload belongs to it.
        const toJSON = (): number => {
          extra.payload = answer.utf8();
          return 0;
        };
        return { toJSON } as FormattedExecutionResult;
      }
      const { errors, ...result } = answer;
      return (
        errors && {
          ...(result as FormattedExecutionResult),
          errors: errors.map((error) => withoutHttp(error).toJSON()),
        }
      );
    },
  });

  return {
    upgrade(request, stream, head) {
      if (isClosed) return void stream.destroy();
      const id = requestIdOf(request.headers['x-request-id']);
      const admitted = admission.admit(request, stream, id);
      if (!admitted) return;
      ids.set(request, id);
      server.handleUpgrade(request, stream, head, (socket) => {
        const known = admitted.holdKeyless(socket, head.length);
        carry(protocol, { socket, request, id, operations: 0, stream, known }, stream, log);
      });
    },
    connections: () => server.clients.size,
    close() {
      isClosed = true;
      for (const client of server.clients) client.close(closeCodes.serviceRestart, 'The gateway is shutting down.');
      setTimeout(() => {
        for (const client of server.clients) client.terminate();
      }, closingMs).unref();
    },
  };
}

/** The close code for a connection that is refused. */
function codeOf(code: unknown): number {
  if (refusing.includes(code)) return closeCodes.forbidden;
  return passing.includes(code) ? closeCodes.tryAgainLater : closeCodes.defect;
}

const refusing: readonly unknown[] = ['UNAUTHENTICATED', 'FORBIDDEN'] satisfies ErrorCode[];
const passing: readonly unknown[] = ['UNAVAILABLE', 'RATE_LIMITED'] satisfies ErrorCode[];

/** The error without its HTTP status and headers. */
function withoutHttp(error: Error): GraphQLError {
  if (!(error instanceof GraphQLError)) return new GraphQLError(error.message);
  const { http: _http, ...extensions } = error.extensions;
  return new GraphQLError(error.message, { ...placeOf(error), extensions });
}

const tooMany = (most: number): GraphQLError =>
  new GraphQLError(`A connection has at most ${most} operations under way.`, {
    extensions: { code: 'RATE_LIMITED' },
  });
