import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Desk } from '../kit/app.js';
import { type OwnGateway, openGateway, openWithKey } from './sockets.js';

/** Messages that are small, cost no points, and come by the thousand. */

let gateway: OwnGateway;
let desk: Desk;

beforeAll(async () => {
  gateway = await openGateway();
  desk = await gateway.testApp.createDesk();
});
afterAll(() => gateway.close());

const count = 2_000;
const pong = '{"type":"pong"}';

test('others get their turn between any two of them', async () => {
  const { send, received, socket } = await openWithKey(gateway.origin, desk.key);
  const [side] = gateway.sockets;
  for (let sent = 0; sent < count; sent += 1) send({ type: 'ping' });
  let [written, most] = [side?.bytesWritten ?? 0, 0];
  while (received.length <= count) {
    await setImmediate();
    const now = side?.bytesWritten ?? 0;
    most = Math.max(most, now - written);
    written = now;
  }
  expect(received.at(-1)).toEqual({ type: 'pong' });
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(10 * pong.length);
  socket.terminate();
});

test('an id that each answer would repeat is of bounded length', async () => {
  const [usual, long] = [await openWithKey(gateway.origin, desk.key), await openWithKey(gateway.origin, desk.key)];
  const subscribe = { type: 'subscribe', payload: { query: '{ viewer { kind } }' } };
  usual.send({ ...subscribe, id: 'a'.repeat(256) });
  await expect.poll(() => usual.received.map(({ type }) => type)).toContain('complete');
  long.send({ ...subscribe, id: 'a'.repeat(257) });
  expect(await long.closed).toBe(1009);
  expect(long.received).toHaveLength(1);
  usual.socket.terminate();
});
