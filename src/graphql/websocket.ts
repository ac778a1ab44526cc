import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, type ExecutionResult, type FormattedExecutionResult, GraphQLError } from 'graphql';
import type { Context as SocketContext, SubscribePayload } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Context } from '../context.js';
import { AppError } from '../errors.js';
import type { Limits } from '../lib/limits.js';
import type { Log } from '../lib/log.js';
import type { KeyWatch } from '../modules/workspace/key.watch.js';
import { createMaskError, placeOf } from './errors.js';
import { refuseDeepVariables } from './limits.js';
import { bearerToken, type GraphqlServer } from './server.js';

export interface WebSocketOptions {
  graphql: GraphqlServer;
  /** The context of one operation of a key. @throws UNAUTHENTICATED */
  contextOf(key: string | undefined): Promise<Context>;
  keys: KeyWatch;
  limits: Limits;
  log: Log;
}

/** GraphQL over WebSocket at /graphql, by the graphql-transport-ws protocol. */
export interface WebSocketEndpoint {
  /** Takes a connection over from the HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes every connection with 1012, after which clients connect again by themselves. */
  close(): void;
}

/** The codes of the protocol and of RFC 6455 that end a connection. */
const closeCodes = { forbidden: 4403, serviceRestart: 1012 } as const;
/** How many operations one connection may have under way. */
const maxOperations = 200;

/** What a connection was opened with. */
interface Opened extends Record<PropertyKey, unknown> {
  key: string | undefined;
  release(): void;
}

type Connection = SocketContext<Record<string, unknown>, Extra & Partial<Opened>>;
type Run = Pick<ReturnType<GraphqlServer['getEnveloped']>, 'execute' | 'subscribe'>;
type Answer = ExecutionResult | AsyncIterableIterator<ExecutionResult>;

export function createWebSocketEndpoint(options: WebSocketOptions): WebSocketEndpoint {
  const { graphql, contextOf, keys, limits, log } = options;
  const server = new WebSocketServer({ noServer: true, maxPayload: limits.maxBodyBytes });
  const maskError = createMaskError(log);
  const masked = (error: unknown): GraphQLError => withoutHttp(maskError(error));
  const runs = new WeakMap<object, Run>();

  /** The functions of the server's plugins for one operation, with what they are to be called with. */
  const prepare = async ({ extra }: Connection, params: SubscribePayload): Promise<ExecutionArgs | GraphQLError[]> => {
    refuseDeepVariables(params.variables);
    const context = await contextOf(extra.key);
    // Plugins know an operation by its request; the headers of the connection are not its own.
    const request = new Request('http://localhost/graphql', { method: 'POST' });
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

  const run = async (kind: keyof Run, args: ExecutionArgs): Promise<Answer> => {
    try {
      return (await runs.get(args)?.[kind](args)) as Answer;
    } catch (error) {
      return { errors: [masked(error)] };
    }
  };

  useServer<Record<string, unknown>, Opened>(
    {
      async onConnect({ connectionParams, extra }) {
        const { socket, request } = extra;
        const header = connectionParams?.Authorization ?? connectionParams?.authorization;
        const key = bearerToken(typeof header === 'string' ? header : (request.headers.authorization ?? null));
        try {
          const { caller } = await contextOf(key);
          const { signal, release } = keys.watch(caller);
          const refuse = () => socket.close(closeCodes.forbidden, 'This API key is not valid any more.');
          signal.addEventListener('abort', refuse);
          Object.assign(extra, {
            key,
            release() {
              signal.removeEventListener('abort', refuse);
              release();
            },
          } satisfies Opened);
          return true;
        } catch (error) {
          if (!(error instanceof AppError)) log.error({ err: error }, 'A WebSocket could not be opened.');
          socket.close(closeCodes.forbidden, error instanceof AppError ? error.message : 'Try again.');
          return false;
        }
      },
      onDisconnect: ({ extra }) => extra.release?.(),
      async onSubscribe(connection, _id, params) {
        if (Object.keys(connection.subscriptions).length > maxOperations) return [tooMany()];
        return prepare(connection, params).catch((error: unknown) => [masked(error)]);
      },
      execute: (args) => run('execute', args),
      subscribe: (args) => run('subscribe', args),
      onNext: (_connection, _id, _payload, _args, { errors, ...result }) =>
        errors && {
          ...(result as FormattedExecutionResult),
          errors: errors.map((error) => withoutHttp(error).toJSON()),
        },
    },
    server,
  );

  return {
    upgrade: (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request)),
    close() {
      for (const client of server.clients) client.close(closeCodes.serviceRestart, 'The gateway is shutting down.');
    },
  };
}

/** The error without what it means for an HTTP response. */
function withoutHttp(error: Error): GraphQLError {
  if (!(error instanceof GraphQLError)) return new GraphQLError(error.message);
  const { http: _http, ...extensions } = error.extensions;
  return new GraphQLError(error.message, { ...placeOf(error), extensions });
}

const tooMany = (): GraphQLError =>
  new GraphQLError(`A connection has at most ${maxOperations} operations under way.`, {
    extensions: { code: 'RATE_LIMITED' },
  });
