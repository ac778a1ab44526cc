import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../kit/app.js';
import { fillDesk } from '../kit/story.js';
import { type OwnGateway, openGateway, openWithKey } from './sockets.js';

/** Clients that ask for much and read nothing: what waits for them is bounded, and they are cut off. */

const mebibyte = 1_024 * 1_024;
const clients = 100;
let gateway: OwnGateway;
let desk: Desk;
const left: (() => void)[] = [];

beforeAll(async () => {
  gateway = await openGateway();
  desk = await gateway.testApp.createDesk();
  await fillDesk(gateway.testApp, desk, { customers: 1, conversationsEach: 1, messagesEach: 100 });
  const { prisma } = gateway.testApp.database;
  const { workspaceId } = desk;
  await prisma.message.updateMany({ where: { workspaceId }, data: { text: 'x'.repeat(60_000) } });
});
afterEach(async () => {
  for (const leave of left.splice(0)) leave();
  await expect.poll(() => gateway.sockets.size).toBe(0);
});
afterAll(() => gateway.close());

/** 6 MB in a few points. */
const page = 'messages(first: 100) { nodes { text } }';
const query = `{ conversation(id: "thd_0000_0000") { ${page} } }`;
const subscription = (alias: number) => `subscription { messageAdded(conversationId: "thd_0000_0000") {
  seq${alias}: seq message { conversation { ${page} } } } }`;

const note = (text: string) =>
  gateway.testApp.services.messages.add(desk.operator, { conversationId: 'thd_0000_0000', text, isInternal: true });

/** The most that waited while the work was done and what it caused had been done. */
async function mostUnsent(work: () => Promise<unknown>, isDone: () => boolean): Promise<number> {
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, gateway.unsent());
  }, 1);
  await work();
  await expect.poll(isDone, { timeout: 60_000 }).toBe(true);
  clearInterval(watch);
  return most;
}

/** Has the gateway been quiet for so many looks in a row: whoever can be told is told? */
function settled(looks = 5): () => boolean {
  let last = -1;
  let equal = 0;
  return () => {
    const now = gateway.unsent();
    equal = now === last && now > 0 ? equal + 1 : 0;
    last = now;
    return equal >= looks;
  };
}

/** A request over HTTP whose answer is not read. */
function ask(body: object, accept: string) {
  const text = JSON.stringify(body);
  const socket = connect(Number(new URL(gateway.origin).port), '127.0.0.1').on('error', () => undefined);
  left.push(() => socket.destroy());
  const head = [
    'POST /graphql HTTP/1.1',
    'Host: a',
    `Authorization: Bearer ${desk.key}`,
    'Content-Type: application/json',
    `Accept: ${accept}`,
    `Content-Length: ${text.length}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${text}`);
  return socket;
}

/** What a key may have waiting. Those answers come on top that were being made when it was reached. */
const bound = 16 * mebibyte;
const openSubscriptions = async (): Promise<number> =>
  Number(/^deskgraph_subscriptions (\d+)$/m.exec(await (await fetch(`${gateway.origin}/metrics`)).text())?.[1]);

describe('what waits stays bounded when', () => {
  test('100 WebSockets follow and do not read', async () => {
    for (let place = 0; place < clients; place += 1) {
      const { socket, send } = await openWithKey(gateway.origin, desk.key);
      left.push(() => socket.terminate());
      send({ id: '1', type: 'subscribe', payload: { query: subscription(place) } });
      socket.pause();
    }
    await expect.poll(openSubscriptions).toBe(clients);
    const most = await mostUnsent(async () => {
      for (let number = 1; number <= 3; number += 1) await note(`Note ${number}`);
    }, settled());
    expect(most).toBeLessThan(5 * bound);
  });

  test('one WebSocket asks 150 times and does not read', async () => {
    const { socket, send } = await openWithKey(gateway.origin, desk.key);
    left.push(() => socket.terminate());
    const most = await mostUnsent(async () => {
      socket.pause();
      for (let id = 0; id < 150; id += 1) send({ id: String(id), type: 'subscribe', payload: { query } });
    }, settled());
    expect(most).toBeLessThan(2 * bound);
  });

  test('100 streams of events are not read', async () => {
    for (let place = 0; place < clients; place += 1) {
      const socket = ask({ query: subscription(place) }, 'text/event-stream');
      await once(socket, 'data');
      socket.pause();
    }
    await expect.poll(openSubscriptions).toBe(clients);
    const most = await mostUnsent(async () => {
      for (let number = 1; number <= 3; number += 1) await note(`Note ${number}`);
    }, settled());
    expect(most).toBeLessThan(5 * bound);
  });

  test('200 answers to ordinary requests are not read, and further ones are refused', async () => {
    const most = await mostUnsent(async () => {
      for (let place = 0; place < 200; place += 1) ask({ query }, 'application/json').pause();
    }, settled());
    expect(most).toBeLessThan(5 * bound);
    const headers = { authorization: `Bearer ${desk.key}`, 'content-type': 'application/json' };
    const refused = await fetch(`${gateway.origin}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query }),
    });
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
    const rest = await fetch(`${gateway.origin}/v1/customers`, { headers });
    expect(rest.status).toBe(429);
  });
});
