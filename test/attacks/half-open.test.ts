import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { readAddressSet } from '../../src/lib/http/addresses.js';
import { createHttpServer } from '../../src/lib/http/server.js';
import { type OwnGateway, openGateway } from './sockets.js';

/** Clients that are refused, read that the gateway has ended the connection, and never end their own side of it. */

let gateway: OwnGateway;
let socket: Socket;

beforeAll(async () => {
  gateway = await openGateway(
    {},
    (app) =>
      createHttpServer(app.listener, {
        maxConnectionsPerAddress: 150,
        trustedProxies: readAddressSet(''),
        requestSeconds: 10,
        keepAliveSeconds: 75,
        onUnknownProxy: () => undefined,
      }).http,
  );
});
afterEach(async () => {
  socket.destroy();
  await expect.poll(() => gateway.sockets.size).toBe(0);
});
afterAll(() => gateway.close());

const upgrade = (...lines: string[]): string =>
  [...lines, 'Connection: Upgrade', 'Upgrade: websocket', '', ''].join('\r\n');

test.each([
  ['an upgrade elsewhere', upgrade('GET /elsewhere HTTP/1.1', 'Host: a')],
  ['an upgrade with two hosts', upgrade('GET /graphql HTTP/1.1', 'Host: a', 'Host: b')],
  ['an upgrade that is none of WebSocket', upgrade('GET /graphql HTTP/1.1', 'Host: a')],
  ['what is no request', 'none\r\n\r\n'],
  ['a request for one answer', 'GET /elsewhere HTTP/1.0\r\n\r\n'],
])('%s is held no longer than its refusal takes', async (_what, request) => {
  const port = Number(new URL(gateway.origin).port);
  socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write(request);
  await once(socket.resume(), 'end');
  expect(socket.writable).toBe(true);
  await expect.poll(() => gateway.sockets.size).toBe(0);
});
