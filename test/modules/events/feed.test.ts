import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Stream } from '../../../src/lib/process/streams.js';
import { type EventFeed, eventFeed } from '../../../src/modules/events/event.feed.js';
import type { StreamedEvent } from '../../../src/modules/events/event.follower.js';
import { recordEvents } from '../../../src/modules/events/event.service.js';
import { outboxWatermark, type Watermark } from '../../../src/modules/events/outbox.watermark.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';

let testApp: TestApp;
let desk: Desk;
let feed: EventFeed;
const never = new AbortController().signal;
let ends = 0;

const fail = (error: unknown): never => {
  throw error;
};

beforeAll(async () => {
  testApp = await openTestApp();
  feed = eventFeed(testApp.database, outboxWatermark(testApp.database), {
    maxWaiting: 50,
    onError: fail,
  });
  testApp.database.onChange(feed.wake);
});
afterAll(async () => {
  feed.close();
  await testApp.close();
});
beforeEach(async () => {
  desk = await testApp.createDesk();
  ends = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

/** A feed that looks by the clock of the test for readers who do not read, and lets time pass for them. */
function openStrict() {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] });
  const strict = eventFeed(testApp.database, outboxWatermark(testApp.database), { onError: fail });
  const letTimePass = () => vi.advanceTimersByTime(40_000);
  return { strict, letTimePass };
}

const follow = (after?: bigint, signal = never) =>
  feed.follow(desk.workspaceId, { after, signal, onEnd: () => (ends += 1) });

/** Writes events whose entities are their numbers, one transaction each. */
async function write(...entities: number[]): Promise<void> {
  for (const entity of entities) {
    await testApp.database.transaction((tx) =>
      recordEvents(tx, desk.operator, [{ type: 'customer.updated', entityId: `ctc_${entity}`, data: {} }]),
    );
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, place) => from + place);

async function read(stream: Stream<StreamedEvent>, count: number): Promise<{ entities: number[]; seq: bigint }> {
  const told: StreamedEvent[] = [];
  while (told.length < count) {
    const { value, done } = await stream.next();
    if (done) break;
    told.push(value);
  }
  const entities = told.map(({ event }) => Number(event.entityId.slice(4)));
  return { entities, seq: told.at(-1)?.event.seq ?? 0n };
}

test('whoever follows from now on is told what comes, each event once and in order', async () => {
  await write(1, 2);
  const stream = await follow();
  await write(3, 4, 5);
  expect((await read(stream, 3)).entities).toEqual([3, 4, 5]);
  await stream.return();
});

test('whoever goes on after a place is told what was missed, page by page, and what comes meanwhile', async () => {
  await write(0);
  const first = await follow(0n);
  const { seq } = await read(first, 3);
  await first.return();
  await testApp.database.transaction((tx) =>
    recordEvents(
      tx,
      desk.operator,
      range(1, 450).map((entity) => ({ type: 'customer.updated', entityId: `ctc_${entity}`, data: {} })),
    ),
  );
  const second = await follow(seq);
  expect((await read(second, 1)).entities).toEqual([1]);
  await write(451, 452);
  expect((await read(second, 451)).entities).toEqual(range(2, 452));
  await second.return();
});

test('a follower that reads more slowly than events come is told all of them', async () => {
  const stream = await follow();
  await write(1);
  expect((await read(stream, 1)).entities).toEqual([1]);
  await write(...range(2, 60));
  expect((await read(stream, 30)).entities).toEqual(range(2, 31));
  await write(...range(61, 120));
  expect((await read(stream, 89)).entities).toEqual(range(32, 120));
  await stream.return();
});

test('a follower that does not read is cut off, and goes on from what it had', async () => {
  const { strict, letTimePass } = openStrict();
  const stream = await strict.follow(desk.workspaceId, { signal: never, onEnd: () => (ends += 1) });
  const waiting = stream.next();
  // Who waits is not cut off, however long it takes.
  letTimePass();
  await write(1, 2);
  strict.wake(desk.workspaceId);
  const { value } = await waiting;
  const { event } = value as StreamedEvent;
  expect(event.entityId).toBe('ctc_1');
  expect(ends).toBe(0);
  letTimePass();
  expect(ends).toBe(1);
  await expect(stream.next()).rejects.toMatchObject({ code: 'SLOW_CONSUMER', details: { retryable: true } });
  strict.close();
  const again = await follow(event.seq);
  expect((await read(again, 1)).entities).toEqual([2]);
  await again.return();
});

test('a stream that nobody ever reads is cut off, and nothing is kept of it', async () => {
  const { strict, letTimePass } = openStrict();
  const stream = await strict.follow(desk.workspaceId, { signal: never, onEnd: () => (ends += 1) });
  expect(strict.streams()).toBe(1);
  letTimePass();
  expect([ends, strict.streams()]).toEqual([1, 0]);
  await expect(stream.next()).rejects.toMatchObject({ code: 'SLOW_CONSUMER' });
  strict.close();
});

test('a signal that came first ends the stream before it begins', async () => {
  const gone = AbortSignal.abort(new Error('The key is gone.'));
  await expect(follow(undefined, gone)).rejects.toThrow('The key is gone.');
  expect([ends, feed.streams()]).toEqual([1, 0]);
});

test('whoever leaves while waiting is let go at once', async () => {
  const stream = await follow();
  const next = stream.next();
  await stream.return();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(ends).toBe(1);
});

test('a stream ends with the reason of its signal', async () => {
  const controller = new AbortController();
  const stream = await follow(undefined, controller.signal);
  const next = stream.next();
  controller.abort(new Error('The key is gone.'));
  await expect(next).rejects.toThrow('The key is gone.');
  expect(ends).toBe(1);
});

test('what another process commits is found without being told', async () => {
  const stream = await follow();
  const other = await openTestApp();
  await other.database.transaction((tx) =>
    recordEvents(tx, desk.operator, [{ type: 'customer.updated', entityId: 'ctc_9', data: {} }]),
  );
  expect((await read(stream, 1)).entities).toEqual([9]);
  await stream.return();
  await other.close();
});

test('followers of one workspace share what is read for them', async () => {
  const streams = await Promise.all([follow(), follow(), follow()]);
  const first = streams.map((stream) => stream.next());
  await write(1);
  // Who has read as far as there is something is told live from then on.
  await Promise.all(first);
  const waiting = streams.map((stream) => stream.next());
  await write(2);
  const told = await Promise.all(waiting);
  expect(new Set(told.map(({ value }) => (value as StreamedEvent).batch)).size).toBe(1);
  await Promise.all(streams.map((stream) => stream.return()));
});

test('a feed that cannot read says so once, and looks again no more often than it polls', async () => {
  const errors: unknown[] = [];
  let looks: number[] = [];
  let isAway = false;
  const watermark: Watermark = {
    async advance() {
      looks.push(performance.now());
      if (isAway) throw new Error('The database is away.');
      return 0n;
    },
    look: async () => 0n,
    settled: () => 0n,
    taken: () => 0n,
    // A transaction was under way when the database went away.
    isBehind: () => true,
  };
  const onError = (error: unknown) => errors.push(error);
  const own = eventFeed(testApp.database, watermark, { pollMs: 100, onError });
  const stream = await own.follow(desk.workspaceId, { signal: never, onEnd: () => undefined });
  const next = stream.next();
  for (const times of [1, 2]) {
    await expect.poll(() => looks.length).toBeGreaterThan(2);
    isAway = true;
    looks = [];
    await expect.poll(() => looks.length).toBeGreaterThan(3);
    const [first = 0, second = 0, third = 0] = looks.slice(1);
    expect(Math.min(second - first, third - second)).toBeGreaterThan(90);
    expect(errors).toHaveLength(times);
    isAway = false;
    looks = [];
  }
  await stream.return();
  await next;
  own.close();
});

test('a feed that is closed ends its streams so that their readers come back', async () => {
  const own = eventFeed(testApp.database, outboxWatermark(testApp.database), { onError: () => undefined });
  const stream = await own.follow(desk.workspaceId, { signal: never, onEnd: () => (ends += 1) });
  const next = stream.next();
  own.close();
  await expect(next).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { retryable: true } });
  await expect(own.follow(desk.workspaceId, { signal: never, onEnd: () => (ends += 1) })).rejects.toThrow('shutting');
  expect(ends).toBe(2);
});
