/** The HTTP server of the gateway. A client that has not sent a request gets few resources and little time. */
import { createServer, IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { rateLimited } from '../observe/meters.js';
import { createTally } from '../process/tally.js';
import { type AddressSet, isAmong, networkOf, plainAddress } from './addresses.js';

export interface HttpServerOptions {
  maxConnectionsPerAddress: number;
  /** The trusted proxies, which may open any number of connections. */
  trustedProxies: AddressSet;
  /** How long a request may take to arrive. */
  requestSeconds: number;
  /** How long an idle connection is kept open. */
  keepAliveSeconds: number;
  /** Called once for each address that sends X-Forwarded-For but is not a trusted proxy. */
  onUnknownProxy(address: string): void;
}

/** How long the head of a request may take to arrive, including the first one of a connection. */
const maxHeadSeconds = 10;
const checkMs = 1_000;
/** A connection is closed this much later than announced to the client, because a last request may be on its way. */
const graceSeconds = 5;
/** A connection without traffic in either direction ends after this time, unless it carries events. */
const idleMs = 180_000;
/** How many requests of a connection may wait for the response to an earlier one. */
const maxWaiting = 10;
const refusal = 'This address has too many connections open.\n';

export interface HttpServer {
  http: Server;
  /** Closes each connection after its current response, so that clients reconnect to another process. */
  retire(): void;
}

export function createHttpServer(listener: RequestListener, options: HttpServerOptions): HttpServer {
  const { maxConnectionsPerAddress, trustedProxies, requestSeconds, keepAliveSeconds, onUnknownProxy } = options;
  const connections = createTally(maxConnectionsPerAddress);
  let hasToldOfProxy = false;
  const settings = {
    IncomingMessage: Request,
    headersTimeout: Math.min(maxHeadSeconds, requestSeconds) * 1_000,
    requestTimeout: requestSeconds * 1_000,
    connectionsCheckingInterval: checkMs,
    keepAliveTimeout: (keepAliveSeconds + graceSeconds) * 1_000,
  };

  const underWay = new Set<ServerResponse>();
  let isRetired = false;

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    // Node treats the data after a request that offers another protocol as data of that protocol, and discards it.
    response.shouldKeepAlive &&= !isRetired && request.headers.upgrade === undefined;
    if (response.shouldKeepAlive) response.setHeader('Keep-Alive', `timeout=${keepAliveSeconds}`);
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
    const address = plainAddress(request.socket.remoteAddress);
    if (!hasToldOfProxy && request.headers['x-forwarded-for'] !== undefined && !isAmong(trustedProxies, address)) {
      hasToldOfProxy = true;
      onUnknownProxy(address);
    }
    listener(request, response);
  };
  const http = createServer(settings, inTurn(answer));
  // This ends connections of clients that do not read their response. No request takes longer than deleting a person.
  http.timeout = idleMs;
  http.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress);
    if (isAmong(trustedProxies, address)) return;
    const leave = connections.enter(networkOf(address));
    if (leave) socket.once('close', leave);
    else refuse(socket);
  });
  return {
    http,
    retire() {
      isRetired = true;
      for (const response of underWay) {
        response.shouldKeepAlive = false;
        if (!response.headersSent) response.removeHeader('Keep-Alive');
      }
    },
  };
}

/**
 * A request that Node upgrades only when it asks for a WebSocket or uses CONNECT. Other upgrade offers are ignored, as
 * RFC 9110, 7.8 allows: some clients offer HTTP/2 with each request.
 */
class Request extends IncomingMessage {
  private isOffer = false;

  get upgrade(): boolean {
    const wanted = this.headers.upgrade?.toLowerCase().split(',') ?? [];
    return this.isOffer && (this.method === 'CONNECT' || wanted.some((name) => name.trim() === 'websocket'));
  }

  set upgrade(isOffer: boolean | null) {
    this.isOffer = isOffer === true;
  }
}

/**
 * Handles the pipelined requests of a connection one after the other. Otherwise a client could have many requests in
 * progress at once, and for all but the first Node does not report that the client has disconnected.
 */
function inTurn(answer: (request: IncomingMessage, response: ServerResponse) => void): RequestListener {
  const waitingOn = new WeakMap<Socket, (() => void)[]>();
  return (request, response) => {
    const { socket } = request;
    // Node still parses data that it has read before the connection was cut off.
    if (socket.destroyed) return;
    const waiting = waitingOn.get(socket);
    const begin = (): void => {
      answer(request, response);
      // Runs after the other listeners for the end of this response.
      response.once('close', () => {
        const next = isOpen(socket) ? waitingOn.get(socket)?.shift() : undefined;
        if (next) next();
        else waitingOn.delete(socket);
      });
    };
    if (!waiting) {
      waitingOn.set(socket, []);
      begin();
    } else if (waiting.length < maxWaiting) waiting.push(begin);
    else socket.destroy();
  };
}

/** Whether another response can be sent. */
const isOpen = ({ destroyed, writableEnded }: Socket): boolean => !destroyed && !writableEnded;

function refuse(socket: Socket): void {
  rateLimited.inc({ limit: 'connections_of_address' });
  const head = ['HTTP/1.1 429 Too Many Requests', 'Connection: close', 'Retry-After: 5', 'Content-Type: text/plain'];
  // Node has not read the rest yet, and must not.
  socket.pause();
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\nContent-Length: ${refusal.length}\r\n\r\n${refusal}`, () => socket.destroy());
}
