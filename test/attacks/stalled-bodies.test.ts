import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBodyReader } from '../../src/lib/http/body.js';

/** An owner whose bodies take up all the room that there is, and do not end. */

const maxBytes = 128 * 1_024;
let http: Server;
const open: Socket[] = [];

beforeEach(async () => {
  const bodies = createBodyReader(maxBytes, 8 * maxBytes);
  http = createServer(async (request, response) => {
    const received = await bodies.read(request, request.url).catch(() => 'GONE' as const);
    response.end(typeof received === 'string' ? received : 'TAKEN');
    if (typeof received !== 'string') received.release();
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
  http.close();
});

const port = (): number => (http.address() as AddressInfo).port;

const send = async (owner: string, bytes: number): Promise<string> => {
  const url = `http://127.0.0.1:${port()}/${owner}`;
  return (await fetch(url, { method: 'POST', body: Buffer.alloc(bytes) })).text();
};

/** All but the last byte of bodies. */
function stall(owner: string, count: number): void {
  for (let place = 0; place < count; place += 1) {
    const socket = connect(port(), '127.0.0.1').on('error', () => undefined);
    socket.resume().write(`POST /${owner} HTTP/1.1\r\nHost: a\r\nContent-Length: ${maxBytes}\r\n\r\n`);
    socket.write(Buffer.alloc(maxBytes - 1));
    open.push(socket);
  }
}

test('leaves room for what others send, and for what is small', async () => {
  stall('a', 20);
  await expect.poll(() => send('a', maxBytes)).toBe('FULL');
  expect(await send('b', maxBytes)).toBe('TAKEN');
  expect(await send('a', 1_000)).toBe('TAKEN');
  stall('b', 20);
  await expect.poll(() => send('c', maxBytes)).toBe('FULL');
  expect(await send('c', 1_000)).toBe('TAKEN');
});
