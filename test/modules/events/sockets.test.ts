import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { makeServer } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { createWebSocketEndpoint, type WebSocketOptions } from '../../../src/graphql/http/websocket/endpoint.js';
import { type Carried, carry } from '../../../src/graphql/http/websocket/socket.js';
import { createBudget } from '../../../src/graphql/limits/budget.js';
import { schema } from '../../../src/graphql/schema.js';
import { readAddressSet } from '../../../src/lib/http/addresses.js';
import { defaultLimits } from '../../../src/lib/http/limits.js';
import { createOutflow } from '../../../src/lib/http/outflow.js';
import { createObserver } from '../../../src/lib/observe/observer.js';
import { createLog } from '../../../src/lib/process/log.js';
import { createTurns } from '../../../src/lib/process/turns.js';
import type { Desk } from '../../kit/app.js';
import { startTestServer, type TestServer } from '../../kit/http.js';

/** What comes over a WebSocket that no library of a front end would send. */

const protocol = 'graphql-transport-ws';
let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startTestServer();
  desk = await server.createDesk();
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => server.close());

interface Received {
  id?: string;
  type: string;
  payload?: unknown;
}

/** A connection that keeps all that it is sent. */
async function open(url = server.endpoint) {
  const socket = new WebSocket(url.replace('http', 'ws'), protocol);
  const received: Received[] = [];
  socket.on('message', (data) => received.push(JSON.parse(String(data))));
  const closed = once(socket, 'close').then(([code]) => code as number);
  await once(socket, 'open');
  const send = (message: object) => socket.send(JSON.stringify(message));
  return { socket, received, closed, send };
}

async function openWithKey() {
  const connection = await open();
  connection.send({ type: 'connection_init', payload: { Authorization: `Bearer ${desk.key}` } });
  await expect.poll(() => connection.received).toEqual([{ type: 'connection_ack' }]);
  return connection;
}

/** A connection below all libraries, which does nothing by itself. */
function openRaw(path: string, { origin } = server): Socket {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  const head = [`GET ${path} HTTP/1.1`, 'Host: a', 'Connection: Upgrade', 'Upgrade: websocket'];
  const key = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
  socket.write(`${[...head, ...key, `Sec-WebSocket-Protocol: ${protocol}`].join('\r\n')}\r\n\r\n`);
  return socket.on('error', () => undefined);
}

describe('a connection is closed', () => {
  test('when an operation comes before a key', async () => {
    const { send, closed } = await open();
    send({ id: '1', type: 'subscribe', payload: { query: '{ viewer { id } }' } });
    expect(await closed).toBe(4401);
  });

  test('when a message is larger than a request may be', async () => {
    const { send, closed } = await openWithKey();
    send({ id: '1', type: 'subscribe', payload: { query: ' '.repeat(defaultLimits.maxBodyBytes) } });
    expect(await closed).toBe(1009);
  });

  test('when a message is none of the protocol', async () => {
    const { socket, closed } = await openWithKey();
    socket.send('hello');
    expect(await closed).toBe(4400);
  });

  test('when an id is used twice', async () => {
    const { send, closed } = await openWithKey();
    const payload = { query: 'subscription { changes { seq } }' };
    for (let time = 1; time <= 2; time += 1) send({ id: '1', type: 'subscribe', payload });
    expect(await closed).toBe(4409);
  });
});

test('a connection has at most 200 operations, and those go on when there are more', async () => {
  const { socket, send, received } = await openWithKey();
  for (let id = 1; id <= 205; id += 1) {
    send({ id: String(id), type: 'subscribe', payload: { query: 'subscription { changes { type } }' } });
  }
  await expect.poll(() => received.filter(({ type }) => type === 'error')).toHaveLength(5);
  expect(received.at(-1)).toMatchObject({ payload: [{ extensions: { code: 'RATE_LIMITED' } }] });
  send({ id: '1', type: 'complete' });
  send({ id: '206', type: 'subscribe', payload: { query: '{ viewer { workspace { databaseId } } }' } });
  await expect.poll(() => received.at(-1)).toEqual({ id: '206', type: 'complete' });
  // What happens before they all listen they are not told.
  const metrics = async () => (await fetch(`${server.origin}/metrics`)).text();
  await expect.poll(metrics).toMatch(/^deskgraph_subscriptions 199$/m);
  await server.services.agents.create(desk.operator, { name: 'Ada', email: 'ada@example.com' });
  await expect.poll(() => received.filter(({ type }) => type === 'next')).toHaveLength(200);
  socket.close();
});

test('a client that does not read is not read either, until it does', async () => {
  const answers = 64;
  const answer = 'x'.repeat(256 * 1_024);
  const http = createServer();
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => protocol });
  // Nobody is cut off here for being slow: neither who is not introduced, nor who answers no ping.
  const echo = makeServer<Record<string, unknown>, Carried>({ onPing: () => undefined, connectionInitWaitTimeout: 0 });
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  let serving: WebSocket | undefined;
  http.on('upgrade', (request, stream: Duplex, head) =>
    sockets.handleUpgrade(request, stream, head, (socket) => {
      serving = socket;
      carry(echo, { socket }, stream, createLog('silent'));
    }),
  );
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const { socket, send, received } = await open(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  socket.pause();
  for (let count = 0; count < answers; count += 1) send({ type: 'ping', payload: { answer } });
  await expect.poll(() => serving?.isPaused).toBe(true);
  expect(serving?.bufferedAmount).toBeLessThan(8 * 1_024 * 1_024);
  socket.resume();
  await expect.poll(() => received.length).toBe(answers);
  expect(serving?.isPaused).toBe(false);
  socket.close();
  http.close();
});

/** An endpoint that asks the test for its keys, behind a server of its own. */
async function serveWith(options: Pick<WebSocketOptions, 'contextOf' | 'keys'>) {
  const { graphql } = server.app;
  const budget = createBudget(schema, defaultLimits);
  const outflow = createOutflow({ maxBytes: defaultLimits.maxUnsentBytes, maxBytesPerKey: 1 });
  const turns = createTurns(1);
  const limited = { graphql, budget, turns, outflow, limits: defaultLimits, trustedProxies: readAddressSet('') };
  const log = createLog('silent');
  const observer = createObserver({ log, accessLog: false });
  const endpoint = createWebSocketEndpoint({ ...limited, observer, log, ...options });
  const http = createServer();
  const left: Promise<unknown>[] = [];
  http.on('upgrade', (request, stream, head) => {
    left.push(once(stream, 'close'));
    endpoint.upgrade(request, stream, head);
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return { url, left: () => Promise.all(left), close: () => http.close() };
}

test('a connection is closed when nothing is said on it for ten seconds', async () => {
  const unused = () => Promise.reject(new Error('There is no key to ask for.'));
  const keys = { watch: () => ({ signal: new AbortController().signal, release() {} }), close() {} };
  const { url, close } = await serveWith({ contextOf: unused, keys });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { socket, closed } = await open(url);
  vi.advanceTimersByTime(9_999);
  expect(socket.readyState).toBe(socket.OPEN);
  vi.advanceTimersByTime(1);
  expect(await closed).toBe(4408);
  close();
});

test('nothing is held for a client that has gone while its key was looked up', async () => {
  let lookedUp: () => void = () => undefined;
  const lookUp = new Promise<void>((resolve) => {
    lookedUp = resolve;
  });
  let held = 0;
  let asked = 0;
  const { url, left, close } = await serveWith({
    async contextOf() {
      asked += 1;
      await lookUp;
      return { caller: {} } as never;
    },
    keys: {
      watch() {
        held += 1;
        return { signal: new AbortController().signal, release: () => (held -= 1) };
      },
      close: () => undefined,
    },
  });
  const { socket, send } = await open(url);
  send({ type: 'connection_init' });
  await expect.poll(() => asked).toBe(1);
  socket.terminate();
  await left();
  lookedUp();
  await new Promise(setImmediate);
  expect(held).toBe(0);
  close();
});

test('clients that break off while they connect harm nobody', async () => {
  for (const path of ['/nowhere', '/graphql']) {
    for (let time = 0; time < 20; time += 1) {
      const socket = openRaw(path);
      await once(socket, 'connect');
      await new Promise<void>((resolve) => socket.write('', () => resolve()));
      socket.resetAndDestroy();
    }
  }
  const { socket } = await openWithKey();
  socket.close();
});

test('a gateway ends although a client never closes its side', async () => {
  const own = await startTestServer();
  const socket = openRaw('/graphql', own);
  await once(socket, 'data');
  socket.pause();
  await own.close();
  socket.destroy();
});
