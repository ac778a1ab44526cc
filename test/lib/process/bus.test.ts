import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bus, redisBus } from '../../../src/lib/process/bus.js';
import { createLog } from '../../../src/lib/process/log.js';

/** The bus over a Redis that is not as it should be. */

let redis: Server;
let subscribed: Socket | undefined;
let published: string[];
let bus: Bus;
let told: string[];

/** Takes every command for right, but refuses to publish, as one that is read-only after a fail-over. */
const answers: Record<string, string> = {
  info: '$19\r\nredis_version:7.0.0\r\n',
  publish: '-READONLY You cannot write against a read only replica.\r\n',
  subscribe: '*3\r\n$9\r\nsubscribe\r\n$17\r\ndeskgraph:changes\r\n:1\r\n',
};

beforeEach(async () => {
  [published, told, subscribed] = [[], [], undefined];
  redis = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const [, name = ''] of String(chunk).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
        const command = name.toLowerCase();
        if (command === 'subscribe') subscribed = socket;
        if (command === 'publish') published.push(String(chunk));
        socket.write(answers[command] ?? '+OK\r\n');
      }
    });
  });
  await once(redis.listen(0, '127.0.0.1'), 'listening');
  const { port } = redis.address() as AddressInfo;
  bus = await redisBus(`redis://127.0.0.1:${port}`, (workspaceId) => told.push(workspaceId), createLog('silent'));
  await expect.poll(() => subscribed).toBeDefined();
});
afterEach(async () => {
  await bus.close();
  redis.close();
});

/** Publishes until Redis has got it: before the connection is ready, nothing is sent. */
async function publish(workspaceId: string): Promise<void> {
  await expect
    .poll(() => {
      bus.publish(workspaceId);
      return published.length;
    })
    .toBeGreaterThan(0);
}

test('a Redis that refuses to publish is no reason to end; this process is told all the same', async () => {
  await publish('wrk_1');
  await publish('wrk_2');
  await expect.poll(() => told).toContain('wrk_2');
});

test('what others put on the channel is passed over, and what is ours is told', async () => {
  const send = (message: string) =>
    subscribed?.write(`*3\r\n$7\r\nmessage\r\n$17\r\ndeskgraph:changes\r\n$${message.length}\r\n${message}\r\n`);
  for (const message of ['', 'hello', '{"wrk_1":true}', 'null', '["wrk_3",3]']) send(message);
  await expect.poll(() => told).toEqual(['wrk_3']);
});
