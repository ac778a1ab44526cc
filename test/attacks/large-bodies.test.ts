import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { defaultLimits } from '../../src/lib/http/limits.js';
import type { Desk } from '../kit/app.js';
import { type OwnGateway, openGateway } from './sockets.js';

/** Bodies of a key that are as large as they may be, of which the last bytes do not come. */

const maxBodyBytes = 128 * 1_024;
const most = 16;
let gateway: OwnGateway;
let desk: Desk;
let other: Desk;
const open: Socket[] = [];
let answers: string[] = [];

beforeAll(async () => {
  gateway = await openGateway({ limits: { ...defaultLimits, maxBodyBytes } });
  desk = await gateway.testApp.createDesk();
  other = await gateway.testApp.createDesk();
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await expect.poll(() => gateway.sockets.size).toBe(0);
  answers = [];
});
afterAll(() => gateway.close());

/** Sends all but the last of a body, whose length is told or comes in chunks. */
function begin(isTold: boolean): void {
  const socket = connect(Number(new URL(gateway.origin).port), '127.0.0.1').on('error', () => undefined);
  socket.on('data', (data) => answers.push(String(data)));
  open.push(socket);
  const length = isTold ? `Content-Length: ${maxBodyBytes}` : 'Transfer-Encoding: chunked';
  const head = ['POST /graphql HTTP/1.1', 'Host: a', 'Content-Type: application/json', length];
  socket.write(`${head.join('\r\n')}\r\nAuthorization: Bearer ${desk.key}\r\n\r\n`);
  if (!isTold) socket.write(`${maxBodyBytes.toString(16)}\r\n`);
  socket.write(' '.repeat(maxBodyBytes - 10));
}

const ask = (key: string, bytes: number): Promise<Response> =>
  fetch(`${gateway.origin}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ viewer { kind } }' }).padEnd(bytes),
  });

test.each([
  ['told', true],
  ['not told', false],
])('are refused when they are too many, and nobody else is, with a length that is %s', async (_what, isTold) => {
  for (let count = 0; count < most + 10; count += 1) begin(isTold);
  await expect.poll(() => answers.length).toBeGreaterThanOrEqual(9);
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 429 .*RATE_LIMITED/s);
  expect((await ask(other.key, maxBodyBytes)).status).toBe(200);
  // Small ones of the key are taken all the same.
  expect((await ask(desk.key, 100)).status).toBe(200);
});

test('make room for others when their client goes away', async () => {
  for (let count = 0; count < most + 1; count += 1) begin(true);
  await expect.poll(async () => (await ask(desk.key, maxBodyBytes)).status).toBe(429);
  for (const socket of open.splice(0)) socket.destroy();
  await expect.poll(async () => (await ask(desk.key, maxBodyBytes)).status).toBe(200);
});
