import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import WebSocket from 'ws';
import { openTestApp, type TestApp, type TestAppOptions } from '../kit/app.js';

/** Connections below the libraries of front ends, and a gateway whose side of them can be looked at. */

export interface Message {
  id?: string;
  type: string;
  payload?: unknown;
}

export interface Connection {
  socket: WebSocket;
  received: Message[];
  /** The code that it was closed with. */
  closed: Promise<number>;
  send(message: object): void;
}

/** Opens a WebSocket; fails with the status when the gateway refuses it. */
export async function openSocket(origin: string): Promise<Connection> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const received: Message[] = [];
  socket.on('message', (data) => received.push(JSON.parse(String(data))));
  const closed = once(socket, 'close').then(([code]) => Number(code));
  const refused = once(socket, 'unexpected-response').then(([, response]) => {
    throw new Error(`refused with ${response.statusCode}`);
  });
  await Promise.race([once(socket, 'open'), refused]);
  refused.catch(() => undefined);
  return { socket, received, closed, send: (message) => socket.send(JSON.stringify(message)) };
}

export async function openWithKey(origin: string, key: string): Promise<Connection> {
  const connection = await openSocket(origin);
  connection.send({ type: 'connection_init', payload: { Authorization: `Bearer ${key}` } });
  await Promise.race([once(connection.socket, 'message'), connection.closed]);
  return connection;
}

/** A TCP connection that has sent the head of an upgrade. */
export function openRaw(origin: string): Socket {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  const lines = [
    'GET /graphql HTTP/1.1',
    'Host: a',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return socket.on('error', () => undefined);
}

export interface OwnGateway {
  testApp: TestApp;
  origin: string;
  /** The gateway's side of the connections that are open. */
  sockets: ReadonlySet<Socket>;
  /** The bytes that wait on them to be read by clients. */
  unsent(): number;
  close(): Promise<void>;
}

/** A gateway in this process. */
export async function openGateway(
  options: TestAppOptions = {},
  create: (app: TestApp['app']) => Server = (app) => createServer(app.listener),
): Promise<OwnGateway> {
  const testApp = await openTestApp(options);
  const http = create(testApp.app).on('upgrade', testApp.app.upgrade);
  const sockets = new Set<Socket>();
  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  return {
    testApp,
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    sockets,
    unsent: () => [...sockets].reduce((sum, { writableLength }) => sum + writableLength, 0),
    async close() {
      const closed = once(http, 'close');
      http.close();
      await testApp.app.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      await testApp.close();
    },
  };
}
