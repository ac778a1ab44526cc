import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createPoster } from '../../src/lib/http/post.js';
import { readAllowedTargets } from '../../src/lib/http/targets.js';

/** Receivers of webhooks that would keep the sender busy. */

let receiver: Server;
afterEach(() => receiver.close());

const poster = createPoster({ allowed: readAllowedTargets('127.0.0.1'), timeoutMs: 20_000 });

/** Sends to a receiver that answers so; answers what came of it, once the connection has ended. */
async function postTo(answer: (socket: Socket) => void) {
  let closed: Promise<unknown> | undefined;
  receiver = createServer((socket) => {
    // However it ends.
    closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined).once('data', () => answer(socket));
  });
  await once(receiver.listen(0, '127.0.0.1'), 'listening');
  const { port } = receiver.address() as AddressInfo;
  const outcome = await poster.post(`http://127.0.0.1:${port}/`, {}, '{}', new AbortController().signal);
  return { outcome, closed };
}

/** Writes as fast as it is read, for ever. */
function flood(socket: Socket, piece: string): void {
  const write = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', write);
  write();
}

const ok = 'HTTP/1.1 200 OK\r\n';

test('by interim answers without end are cut off', async () => {
  const { outcome, closed } = await postTo((socket) => flood(socket, 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1_000)));
  expect(outcome).toEqual({ kind: 'unreachable', reason: 'It sent interim answers without end.' });
  await closed;
});

test('by an answer without end are cut off', async () => {
  const { outcome, closed } = await postTo((socket) => {
    socket.write(`${ok}\r\n`);
    flood(socket, 'x'.repeat(10_000));
  });
  expect(outcome).toMatchObject({ kind: 'answered', excerpt: 'x'.repeat(1_024) });
  await closed;
});

test('with a few interim answers are heard', async () => {
  const interim = 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(5);
  const { outcome } = await postTo((socket) => socket.end(`${interim}${ok}Content-Length: 2\r\n\r\nhi`));
  expect(outcome).toMatchObject({ kind: 'answered', status: 200, excerpt: 'hi' });
});
