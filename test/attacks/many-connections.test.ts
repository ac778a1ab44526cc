import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { defaultLimits } from '../../src/lib/http/limits.js';
import type { Desk } from '../kit/app.js';
import { type Connection, type OwnGateway, openGateway, openSocket, openWithKey } from './sockets.js';

/** A key, and an address, has only so many connections and subscriptions. */

let gateway: OwnGateway;
let desk: Desk;
let other: Desk;
const open: Connection[] = [];

beforeAll(async () => {
  gateway = await openGateway({
    limits: {
      ...defaultLimits,
      maxSocketsPerAddress: 12,
      maxSocketsPerKey: 4,
      maxOperationsPerSocket: 5,
      maxSubscriptionsPerKey: 8,
    },
  });
  desk = await gateway.testApp.createDesk();
  other = await gateway.testApp.createDesk();
});
afterEach(async () => {
  for (const { socket } of open.splice(0)) socket.terminate();
  await expect.poll(() => gateway.sockets.size).toBe(0);
});
afterAll(() => gateway.close());

async function connect(key: string): Promise<Connection> {
  const connection = await openWithKey(gateway.origin, key);
  open.push(connection);
  return connection;
}

const changes = { query: 'subscription { changes { seq } }' };

test('a key has so many WebSockets, then further ones are closed with 4429', async () => {
  for (let count = 0; count < 4; count += 1) expect((await connect(desk.key)).received).toHaveLength(1);
  expect(await (await connect(desk.key)).closed).toBe(4429);
  expect((await connect(other.key)).received).toMatchObject([{ type: 'connection_ack' }]);
  open[0]?.socket.terminate();
  await expect.poll(async () => (await connect(desk.key)).received.length).toBe(1);
});

test('an address has so many WebSockets, then further ones are refused with 429', async () => {
  for (const { key } of [desk, other, await gateway.testApp.createDesk()]) {
    for (let count = 0; count < 4; count += 1) await connect(key);
  }
  await expect(openSocket(gateway.origin)).rejects.toThrow('refused with 429');
  open[0]?.socket.terminate();
  await expect.poll(() => connect(desk.key).then(({ received }) => received.length, String)).toBe(1);
});

test('a WebSocket has so many operations under way', async () => {
  const { send, received } = await connect(desk.key);
  for (let id = 0; id < 7; id += 1) send({ id: String(id), type: 'subscribe', payload: changes });
  await expect.poll(() => received.filter(({ type }) => type === 'error')).toHaveLength(2);
  expect(received.at(-1)).toMatchObject({ payload: [{ extensions: { code: 'RATE_LIMITED' } }] });
});

test('a key has so many subscriptions over all of its connections, then 429', async () => {
  const sockets = [await connect(desk.key), await connect(desk.key)];
  for (const { send } of sockets) {
    for (let id = 0; id < 4; id += 1) send({ id: String(id), type: 'subscribe', payload: changes });
  }
  const metrics = async () => (await fetch(`${gateway.origin}/metrics`)).text();
  await expect.poll(metrics).toMatch(/^deskgraph_subscriptions 8$/m);

  const refused = { errors: [{ extensions: { code: 'RATE_LIMITED', retryable: true } }] };
  sockets[0]?.send({ id: 'further', type: 'subscribe', payload: changes });
  await expect.poll(() => sockets[0]?.received.find(({ id }) => id === 'further')).toMatchObject({ payload: refused });
  const stream = () =>
    fetch(`${gateway.origin}/graphql`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${desk.key}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
      body: JSON.stringify(changes),
    });
  const overSse = await stream();
  expect(overSse.status).toBe(429);
  await overSse.body?.cancel();

  sockets[0]?.send({ id: '0', type: 'complete' });
  await expect.poll(metrics).toMatch(/^deskgraph_subscriptions 7$/m);
  const again = await stream();
  expect(again.status).toBe(200);
  await expect.poll(metrics).toMatch(/^deskgraph_subscriptions 8$/m);
  // Whoever goes away makes room too.
  await again.body?.cancel();
  await expect.poll(metrics).toMatch(/^deskgraph_subscriptions 7$/m);
});
