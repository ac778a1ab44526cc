import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError } from 'graphql';
import { handleProtocols, makeServer } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { AddressSet } from '../../../lib/http/addresses.js';
import type { Limits } from '../../../lib/http/limits.js';
import { senderBehind } from '../../../lib/http/sender.js';
import { requestIdHeader } from '../../../lib/observe/observer.js';
import { requestIdOf } from '../../../lib/observe/request.js';
import type { Log } from '../../../lib/process/log.js';
import { createAdmission } from './admission.js';
import { type Connection, createIntroduce, type Introduce, type IntroductionOptions } from './connection.js';
import { createMask } from './errors.js';
import { createOperations, type Operations, type OperationsOptions } from './operations.js';
import { payloadOf } from './payload.js';
import { carry, closeCodes } from './socket.js';

export interface WebSocketOptions
  extends Pick<IntroductionOptions, 'contextOf' | 'keys' | 'outflow'>,
    Pick<OperationsOptions, 'graphql' | 'budget' | 'turns' | 'observer'> {
  limits: Limits;
  /** Proxies whose X-Forwarded-For names the client. */
  trustedProxies: AddressSet;
  log: Log;
}

/** GraphQL over WebSocket at /graphql, by the graphql-transport-ws protocol. */
export interface WebSocketEndpoint {
  /** Takes over a connection from the HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** How many connections are open. */
  connections(): number;
  /** Closes every connection with 1012, so that clients reconnect. */
  close(): void;
}

/** How long a connection may stay open without a key. */
const keylessMs = 10_000;
/** A connection is cut off if the client does not close its side within this time. */
const closingMs = 2_000;
/** Longer than the operation ids of any library. */
const maxIdLength = 256;

export function createWebSocketEndpoint(options: WebSocketOptions): WebSocketEndpoint {
  const { limits, trustedProxies, log } = options;
  const shared = { ...options, senderOf: senderBehind(trustedProxies), mask: createMask(log) };
  const protocol = createProtocol(
    createIntroduce({ ...shared, maxPerKey: limits.maxSocketsPerKey }),
    createOperations({ ...shared, maxPerSocket: limits.maxOperationsPerSocket }),
  );
  const admission = createAdmission(limits.maxSocketsPerAddress, trustedProxies);
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.maxBodyBytes,
    // Processes one message in each turn of the event loop. Otherwise thousands of small messages that arrive together,
    // and cost no points, would block it.
    allowSynchronousEvents: false,
    handleProtocols,
    // The type definitions do not have this option yet.
    ...{ closeTimeout: closingMs },
  });
  /** The request ids of connections, for the headers of the responses that open them. */
  const ids = new WeakMap<IncomingMessage, string>();
  server.on('headers', (lines, request) => lines.push(`${requestIdHeader}: ${ids.get(request)}`));
  let isClosed = false;

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

/** The protocol of all connections. */
const createProtocol = (introduce: Introduce, operations: Operations) =>
  makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: keylessMs,
    onConnect: ({ connectionParams, extra }) => introduce(extra, connectionParams),
    onDisconnect: ({ extra }) => extra.release?.(),
    async onSubscribe({ extra, subscriptions }, operationId, asked) {
      // Every response repeats the id, but its length costs no points.
      if (operationId.length > maxIdLength) {
        const words = `An id has at most ${maxIdLength} characters.`;
        extra.socket.close(closeCodes.tooMuch, words);
        return [new GraphQLError(words)];
      }
      return operations.begin(extra, asked, Object.keys(subscriptions).length);
    },
    execute: (args) => operations.answer('execute', args),
    subscribe: (args) => operations.answer('subscribe', args),
    onNext: ({ extra }, _id, _payload, _args, answer) => payloadOf(extra, answer),
  });
