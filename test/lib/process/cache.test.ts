import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CacheStore, redisStore } from '../../../src/lib/process/cache.js';
import { createLog } from '../../../src/lib/process/log.js';

/** The store over a Redis that is not as it should be: it costs speed, and nothing else. */

let redis: Server;
let sockets: Socket[];
let commands: string[];
/** What Redis answers to what reads and writes; it says nothing while this is undefined. */
let answer: string | undefined;
let store: CacheStore;

beforeEach(async () => {
  [sockets, commands, answer] = [[], [], '-READONLY You cannot write against a read only replica.\r\n'];
  redis = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const [, name = ''] of String(chunk).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
        const command = name.toLowerCase();
        commands.push(command);
        if (command === 'info') socket.write('$19\r\nredis_version:7.0.0\r\n');
        else if (command !== 'mget' && command !== 'set') socket.write('+OK\r\n');
        else if (answer !== undefined) socket.write(answer);
      }
    });
  });
  await once(redis.listen(0, '127.0.0.1'), 'listening');
  const { port } = redis.address() as AddressInfo;
  store = await redisStore(`redis://127.0.0.1:${port}`, createLog('silent'));
});
afterEach(() => {
  store.close();
  for (const socket of sockets) socket.destroy();
  redis.close();
});

const bytes = Buffer.from('what was computed');

/** Looks for what is nowhere until Redis is asked for it. */
const untilAsked = () =>
  expect.poll(async () => [await store.read(['missing']), commands.includes('mget')]).toEqual([[undefined], true]);

test.each([
  ['refuses', '-READONLY You cannot write against a read only replica.\r\n'],
  ['says nothing', undefined],
  ['has something else under the key', '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n'],
])('a Redis that %s leaves what this process has kept itself', async (_what, said) => {
  answer = said;
  store.write([['a', bytes]]);
  await untilAsked();
  store.write([['b', bytes]]);
  expect(await store.read(['a', 'b', 'c'])).toEqual([bytes, bytes, undefined]);
});

test('a Redis that went away is done without, and is asked again when it is back', async () => {
  answer = '*1\r\n$5\r\nthere\r\n';
  await expect.poll(() => store.read(['missing'])).toEqual([Buffer.from('there')]);
  const { port } = redis.address() as AddressInfo;
  redis.close();
  for (const socket of sockets) socket.destroy();
  await expect.poll(() => store.read(['missing'])).toEqual([undefined]);
  store.write([['a', bytes]]);
  expect(await store.read(['a', 'b'])).toEqual([bytes, undefined]);
  await once(redis.listen(port, '127.0.0.1'), 'listening');
  await expect.poll(() => store.read(['missing'])).toEqual([Buffer.from('there')]);
});
