import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { readAddressSet } from '../../src/lib/http/addresses.js';
import { createHttpServer } from '../../src/lib/http/server.js';

/** Requests that are sent on one connection by the thousand, without waiting for an answer to any of them. */

const open = new Set<ServerResponse>();
let most = 0;
const { http } = createHttpServer(
  (request, response) => {
    open.add(response);
    most = Math.max(most, open.size);
    response.once('close', () => open.delete(response));
    if (request.url === '/never') return;
    setImmediate(() => response.end(`answer to ${request.url};`));
  },
  {
    maxConnectionsPerAddress: 10,
    trustedProxies: readAddressSet(''),
    requestSeconds: 10,
    keepAliveSeconds: 75,
    onUnknownProxy: () => undefined,
  },
);

beforeAll(() => once(http.listen(0, '127.0.0.1'), 'listening'));
afterEach(() => {
  most = 0;
});
afterAll(() => {
  http.closeAllConnections();
  http.close();
});

const heads = (paths: readonly string[]): string =>
  paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join('');
const send = (paths: readonly string[]): Socket =>
  connect((http.address() as AddressInfo).port, '127.0.0.1', function (this: Socket) {
    this.write(heads(paths));
  }).on('error', () => undefined);

test('a few are answered one after the other', async () => {
  const socket = send(['/1', '/2', '/3']);
  let answers = '';
  socket.on('data', (data) => (answers += data));
  await expect.poll(() => answers.match(/answer to [^;]*/g)).toEqual(['answer to /1', 'answer to /2', 'answer to /3']);
  expect(most).toBe(1);
  socket.destroy();
});

test('many end the connection, and none of them is under way any more', async () => {
  const socket = send(Array.from({ length: 5_000 }, () => '/'));
  await new Promise((resolve) => socket.resume().once('close', resolve));
  expect(most).toBe(1);
  await expect.poll(() => open.size).toBe(0);
});

test('those behind the one that is under way do not begin when their client goes away', async () => {
  const socket = send(['/never', '/never', '/never']);
  await expect.poll(() => open.size).toBe(1);
  socket.destroy();
  await expect.poll(() => open.size).toBe(0);
  expect(most).toBe(1);
});
