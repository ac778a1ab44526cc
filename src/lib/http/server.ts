/** The HTTP server of the gateway: who has not asked anything yet is held for little and not for long. */
import { createServer, IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { rateLimited } from '../observe/meters.js';
import { createTally } from '../process/tally.js';
import { type AddressSet, isAmong, networkOf, plainAddress } from './addresses.js';

export interface HttpServerOptions {
  maxConnectionsPerAddress: number;
  /** Proxies, which may have any number of connections. */
  trustedProxies: AddressSet;
  /** How long a request may take to arrive. */
  requestSeconds: number;
  /** How long a connection is kept on which nothing is asked. */
  keepAliveSeconds: number;
  /** Called once for an address that names clients in X-Forwarded-For and is no trusted proxy. */
  onUnknownProxy(address: string): void;
}

/** How long the head of a request may take, also the first of a connection. */
const maxHeadSeconds = 10;
const checkMs = 1_000;
/** A connection is closed so much later than its client is told: the last request may be on its way. */
const graceSeconds = 5;
/** A connection on which nothing goes either way for so long ends, unless it is one for events. */
const idleMs = 180_000;
/** So many requests of a connection may wait for the answer to an earlier one. */
const maxWaiting = 10;
const refusal = 'This address has too many connections open.\n';

export interface HttpServer {
  http: Server;
  /** Has each connection end with the answer that is under way, so that clients ask others. */
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
    // What follows a request that offers another protocol, Node takes for that protocol and throws away.
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
  // For who reads no answer. Nothing takes longer than to delete a person.
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
 * A request, which Node lets become a connection of another protocol only where it asks for a WebSocket. Any other it may
 * offer, as some clients offer HTTP/2 with each request, and is answered as if it had not (RFC 9110, 7.8).
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
 * Takes the requests of a connection one after the other, as their answers go out. Who sends many without waiting would
 * have them all under way at once, and Node does not tell those behind the first one that their client has gone.
 */
function inTurn(answer: (request: IncomingMessage, response: ServerResponse) => void): RequestListener {
  const waitingOn = new WeakMap<Socket, (() => void)[]>();
  return (request, response) => {
    const { socket } = request;
    // Node goes on with what it has read of a connection that is cut off.
    if (socket.destroyed) return;
    const waiting = waitingOn.get(socket);
    const begin = (): void => {
      answer(request, response);
      // Behind those who listen for the end of this one.
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

/** Whether one more answer can go out. */
const isOpen = ({ destroyed, writableEnded }: Socket): boolean => !destroyed && !writableEnded;

function refuse(socket: Socket): void {
  rateLimited.inc({ limit: 'connections_of_address' });
  const head = ['HTTP/1.1 429 Too Many Requests', 'Connection: close', 'Retry-After: 5', 'Content-Type: text/plain'];
  // Node has read nothing of it yet, and shall not.
  socket.pause();
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\nContent-Length: ${refusal.length}\r\n\r\n${refusal}`, () => socket.destroy());
}
