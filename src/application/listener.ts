import type { IncomingMessage, RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocketEndpoint } from '../graphql/http/websocket/endpoint.js';
import { boundDrain } from '../lib/http/drain.js';
import { isAmbiguous, pathOf } from '../lib/http/request-target.js';
import { type Observer, requestIdHeader } from '../lib/observe/observer.js';
import { requestIdOf, withRequest } from '../lib/observe/request.js';
import { createRouting, type Parts, placeBelow, unknownRoute } from './routing.js';

interface ListenerOptions {
  parts: Parts;
  observer: Observer;
  basePath: string;
}

/** Creates the listener of the HTTP server. It passes each request to the part that its path belongs to. */
export function createListener({ parts, observer, basePath }: ListenerOptions): RequestListener {
  const { operations } = parts;
  const { routeOf, answer } = createRouting(parts);
  return (request, response) => {
    const isBelow = placeBelow(request, basePath);
    const path = pathOf(request);
    boundDrain(request, response);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    const notes = observer.request(request, response, operations.handles(path));
    // Probes bypass the proxy that adds the base path.
    const isServed = isBelow || operations.handles(path);
    notes.route = isServed ? routeOf(path) : unknownRoute;
    withRequest(notes, () => {
      if (isAmbiguous(request)) response.writeHead(400, { Connection: 'close' }).end();
      else if (isServed) answer(path, request, response);
      else response.writeHead(404).end();
    });
  };
}

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Handles connections that become WebSockets. Only the path /graphql accepts them. */
export const createUpgrade =
  (sockets: WebSocketEndpoint, basePath: string): Upgrade =>
  (request, socket, head) => {
    // Node has removed its own listener, and an error without a listener would end the process.
    socket.on('error', () => socket.destroy());
    const isPlain = !isAmbiguous(request);
    if (isPlain && placeBelow(request, basePath) && pathOf(request) === '/graphql') {
      sockets.upgrade(request, socket, head);
    } else refuse(request, socket, isPlain ? '404 Not Found' : '400 Bad Request');
  };

function refuse({ headers }: IncomingMessage, socket: Duplex, status: string): void {
  const id = `${requestIdHeader}: ${requestIdOf(headers['x-request-id'])}`;
  socket.end(
    `HTTP/1.1 ${status}\r\n${id}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    // A client that never closes its side would keep the connection open.
    () => socket.destroy(),
  );
}
