import { parse } from 'graphql';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../kit/app.js';
import { type Subscribed, subscribe, transports } from '../kit/followers.js';
import { fillDesk } from '../kit/story.js';
import { type Connection, openWithKey } from './sockets.js';
import { watchGateway } from './watched.js';

/** Events make work for whoever follows them: it is charged, done once for equals, and in turns. */

const gateway = watchGateway();
let desk: Desk;
const conversationId = 'thd_0000_0000';
const left: (() => void)[] = [];

beforeAll(async () => {
  desk = await gateway.testApp.createDesk();
  await fillDesk(gateway.testApp, desk, { customers: 2, conversationsEach: 40, messagesEach: 60 });
});
afterEach(() => {
  for (const leave of left.splice(0)) leave();
});

/** A key of the desk with so many points, none of which come back while a test runs. */
async function keyWith(rateCapacity: number): Promise<string> {
  const { workspaceId } = desk;
  const limits = { rateCapacity, rateRestore: 1 };
  return (await gateway.testApp.services.apiKeys.create({ workspaceId, kind: 'API_USER', limits })).key;
}

const note = (text: string) =>
  gateway.testApp.services.messages.add(desk.operator, { conversationId, text, isInternal: true });

type Told = Record<string, { seq: number }>;
function follow(key: string, transport: (typeof transports)[number], selection: string, variables = {}) {
  const endpoint = `${gateway.origin}/graphql`;
  const subscribed = subscribe({ endpoint, key, transport }, parse(selection) as never, variables) as Subscribed<Told>;
  left.push(subscribed.leave);
  return subscribed;
}

/** Resolves when so many subscriptions are open. */
const areOpen = (count: number) =>
  expect
    .poll(async () => (await fetch(`${gateway.origin}/metrics`)).text())
    .toMatch(new RegExp(`^deskgraph_subscriptions ${count}$`, 'm'));

/** 21 points with what follows from them. */
const some = (alias = 'nodes') =>
  `subscription ($after: BigInt) { messageAdded(conversationId: "${conversationId}", after: $after) {
    seq message { conversation { messages(first: 20) { ${alias}: nodes { text } } } } } }`;

describe.each(transports)('over %s', (transport) => {
  test('a subscription ends when its key cannot pay for an event, and goes on from there without a loss', async () => {
    const following = follow(await keyWith(100), transport, some());
    await areOpen(1);
    for (let number = 1; number <= 8; number += 1) await note(`Paid ${number}`);
    await following.ended;
    expect(following.failed).toMatchObject([{ errors: [{ extensions: { code: 'RATE_LIMITED', retryable: true } }] }]);
    const seqs = following.told.map(({ messageAdded }) => Number(messageAdded?.seq));
    expect(seqs.length).toBeGreaterThan(0);
    expect(seqs.length).toBeLessThan(8);

    const rest = follow(desk.key, transport, some(), { after: String(seqs.at(-1)) });
    await rest.until(8 - seqs.length);
    expect(new Set([...seqs, ...rest.told.map(({ messageAdded }) => Number(messageAdded?.seq))]).size).toBe(8);
  });

  test('what is given back counts, so that short lists cost little', async () => {
    const page = `subscription { messageAdded(conversationId: "${conversationId}") {
      seq message { conversation { messages(last: 100, filter: { text: { eq: "nothing" } }) { nodes { text } } } } } }`;
    const cheap = page.replace(/\(last: 100.*?\) \{/, '(last: 1) {');
    const following = follow(await keyWith(400), transport, cheap);
    await areOpen(1);
    for (let number = 1; number <= 30; number += 1) await note(`Cheap ${number}`);
    await following.until(30);
    expect(following.failed).toEqual([]);
  });

  test('a hundred equal subscriptions pay for one execution', async () => {
    // What it takes to subscribe a hundred times, and to execute five times.
    const key = await keyWith(100 * 30 + 5 * 30);
    const all = Array.from({ length: 100 }, (_, place) =>
      follow(key, transport, some(), place % 2 === 0 ? {} : { after: null }),
    );
    await areOpen(100);
    for (let number = 1; number <= 4; number += 1) await note(`For all ${number}`);
    await Promise.all(all.map((following) => following.until(4)));
    expect(all.flatMap(({ failed }) => failed)).toEqual([]);
    const [first] = all;
    for (const { told } of all) expect(told).toEqual(first?.told);
  });

  test('to look whether an event is wanted is charged', async () => {
    const filtered = 'subscription { conversationChanged(filter: { status: { eq: ARCHIVED } }) { seq } }';
    const key = await keyWith(8);
    follow(key, transport, filtered);
    await areOpen(1);
    for (let number = 1; number <= 20; number += 1) await note(`Unwanted ${number}`);
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ query: '{ viewer { workspace { id } } }' });
    const status = async () => (await fetch(`${gateway.origin}/graphql`, { method: 'POST', headers, body })).status;
    await expect.poll(status).toBe(429);
  });
});

/** Some 3,000 points and 400 KB. */
const heavy = (alias: string) => `subscription { messageAdded(conversationId: "${conversationId}") {
  ${alias}: seq message { conversation { contact { conversations(first: 40) {
    nodes { messages(first: 60) { nodes { id databaseId text preview sentAt direction author { name } } } } } } } } } }`;

async function followOnOneSocket(count: number, alias: (place: number) => string): Promise<Connection> {
  const connection = await openWithKey(gateway.origin, desk.key);
  left.push(() => connection.socket.terminate());
  for (let place = 0; place < count; place += 1) {
    connection.send({ id: String(place), type: 'subscribe', payload: { query: heavy(alias(place)) } });
  }
  await areOpen(count);
  return connection;
}

describe('nobody else waits while a note is told to', () => {
  test.each<[string, number, (place: number) => string]>([
    ['100 equal subscriptions on one socket', 100, () => 'seq'],
    ['30 different subscriptions on one socket', 30, (place) => `seq${place}`],
  ])('%s', async (_what, count, alias) => {
    const { received } = await followOnOneSocket(count, alias);
    const told = () => received.filter(({ type }) => type === 'next').length;
    await note('Warm');
    await expect.poll(told).toBe(count);
    await gateway.unblocked(async () => {
      const before = told();
      await note('Told');
      await expect.poll(told).toBe(before + count);
    });
    expect(received.filter(({ payload }) => payload && 'errors' in (payload as object))).toEqual([]);
  });
});
