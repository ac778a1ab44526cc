import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAddressSet } from '../../src/lib/http/addresses.js';
import { createHttpServer, type HttpServerOptions } from '../../src/lib/http/server.js';
import { type OwnGateway, openGateway, openRaw, openSocket, openWithKey } from './sockets.js';

/** Whoever has shown no key is held for little, not for long, and not often. */

const mebibyte = 1_024 * 1_024;
let gateway: OwnGateway;
const unknownProxies: string[] = [];

const serverOptions: HttpServerOptions = {
  maxConnectionsPerAddress: 150,
  trustedProxies: readAddressSet(''),
  requestSeconds: 1,
  keepAliveSeconds: 75,
  onUnknownProxy: (address) => unknownProxies.push(address),
};

beforeAll(async () => {
  gateway = await openGateway({}, (app) => createHttpServer(app.listener, serverOptions).http);
});
afterAll(() => gateway.close());

/** The beginning of a frame that says it has so many bytes, and so many of them. */
function beginFrame(size: number, sent: number): Buffer {
  const head = Buffer.alloc(14);
  head.set([0x81, 0x80 | 127]);
  head.writeBigUInt64BE(BigInt(size), 2);
  return Buffer.concat([head, Buffer.alloc(sent, 'a')]);
}

const ended = (socket: Socket): Promise<unknown> =>
  socket.destroyed ? Promise.resolve() : once(socket.resume(), 'close');

describe('a WebSocket without a key', () => {
  test('ends with the first bytes of a long message', async () => {
    const socket = openRaw(gateway.origin);
    await once(socket, 'data');
    socket.write(beginFrame(4 * mebibyte, 64 * 1_024));
    await ended(socket);
  });

  test('ends when its messages are short and many', async () => {
    const { closed, send, socket } = await openSocket(gateway.origin);
    const chatter = setInterval(() => socket.readyState === socket.OPEN && send({ type: 'ping' }), 0);
    for (let count = 0; count < 2_000; count += 1) send({ type: 'ping' });
    expect(await closed).toBe(1009);
    clearInterval(chatter);
  });

  test('ends when it begins a message in many frames', async () => {
    const { closed, socket } = await openSocket(gateway.origin);
    for (let count = 0; count < 40; count += 1) socket.send('a'.repeat(1_000), { fin: false });
    expect(await closed).toBe(1009);
  });

  test('is cut off when it does not answer that it is closed', async () => {
    const socket = openRaw(gateway.origin);
    await once(socket, 'data');
    const before = gateway.sockets.size;
    // An empty message is none of the protocol; what follows never ends.
    socket.write(Buffer.from([0x81, 0x80, 0, 0, 0, 0]));
    socket.write(beginFrame(4 * mebibyte, 100));
    socket.pause();
    await expect.poll(() => gateway.sockets.size, { timeout: 30_000 }).toBeLessThan(before);
    socket.destroy();
  });

  test('is one of at most 100 of its address, which others do not suffer from', async () => {
    const { testApp, origin } = gateway;
    const { key } = await testApp.createDesk();
    await expect.poll(() => gateway.sockets.size).toBeLessThan(5);
    const keyed = await openWithKey(origin, key);
    const silent = await Promise.all(Array.from({ length: 100 }, () => openSocket(origin)));
    await expect(openSocket(origin)).rejects.toThrow('refused with 429');
    keyed.send({ id: '1', type: 'subscribe', payload: { query: '{ viewer { workspace { id } } }' } });
    await expect.poll(() => keyed.received.at(-1)).toEqual({ id: '1', type: 'complete' });
    // Who leaves makes room.
    silent[0]?.socket.terminate();
    await expect.poll(() => openSocket(origin).then(({ socket }) => socket.terminate(), String)).toBe(undefined);
    for (const { socket } of [...silent, keyed]) socket.terminate();
    await expect.poll(() => gateway.sockets.size).toBeLessThan(5);
  });
});

describe('a request that does not come', () => {
  const connectAll = (count: number): Socket[] =>
    Array.from({ length: count }, () =>
      connect(Number(new URL(gateway.origin).port), '127.0.0.1').on('error', () => undefined),
    );

  test.each([
    ['in its head', 'POST /graphql HTTP/1.1\r\nHost: a\r\nX-A'],
    ['before it begins', ''],
    ['in the body of who has no key', 'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{'],
    ['in the body of a mail', 'POST /inbound/email HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nFrom'],
    ['in the body for a page', 'POST /docs HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{'],
    ['in chunks', 'POST /v1/customers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc'],
  ])('%s ends', async (_where, text) => {
    const sockets = connectAll(50);
    for (const socket of sockets) if (text !== '') socket.write(text);
    await Promise.all(sockets.map(ended));
  });

  test('and is of a key ends too', async () => {
    const { key } = await gateway.testApp.createDesk();
    const head = `POST /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\nContent-Length: 100\r\n\r\n{`;
    const sockets = connectAll(20);
    for (const socket of sockets) socket.write(head);
    await Promise.all(sockets.map(ended));
  });

  test('is one of so many connections of its address', async () => {
    await expect.poll(() => gateway.sockets.size).toBe(0);
    const silent = connectAll(150);
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    await expect.poll(() => gateway.sockets.size).toBe(150);
    const [further] = connectAll(1);
    let answer = '';
    further?.on('data', (data) => (answer += data));
    if (further) await ended(further);
    expect(answer).toMatch(/^HTTP\/1\.1 429 .*Retry-After: 5/s);
    for (const socket of silent) socket.destroy();
    await expect.poll(() => fetch(`${gateway.origin}/health`).then(({ status }) => status, String)).toBe(200);
  });
});

test('a proxy that is not named is told of once', async () => {
  for (const address of ['203.0.113.7', '203.0.113.8']) {
    await fetch(`${gateway.origin}/health`, { headers: { 'x-forwarded-for': address } });
  }
  expect(unknownProxies).toEqual(['127.0.0.1']);
});
