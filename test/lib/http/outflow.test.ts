import { expect, test } from 'vitest';
import { createOutflow, type OutflowOptions } from '../../../src/lib/http/outflow.js';

/** A connection whose reader takes what the test says. */
function connection() {
  const state = { bytes: 0, isCut: false };
  return { state, unsent: () => state.bytes, cut: () => (state.isCut = true) };
}

const outflowWith = (options: Partial<OutflowOptions> = {}) =>
  createOutflow({ maxBytes: 1_000, maxBytesPerKey: 2_000, ...options });

test('there is room until so many bytes wait on a connection, and again when they were read', async () => {
  const outflow = outflowWith();
  const one = connection();
  const outlet = outflow.open('key', one);
  (await outlet.room(1)).release();
  one.state.bytes = 1_000;
  let hasRoom = false;
  const waiting = outlet.room(1).then((room) => {
    hasRoom = true;
    return room;
  });
  await new Promise(setImmediate);
  expect(hasRoom).toBe(false);
  one.state.bytes = 0;
  outlet.drained();
  await waiting;
  outlet.close();
});

test('what is being made counts as what waits', async () => {
  const outlet = outflowWith().open('key', connection());
  const first = await outlet.room(1);
  first.weigh(5_000);
  const order: string[] = [];
  const second = outlet.room(1).then(() => order.push('second'));
  await new Promise(setImmediate);
  order.push('released');
  first.release();
  await second;
  expect(order).toEqual(['released', 'second']);
});

test('an answer larger than all bounds is made when nothing else waits', async () => {
  const outlet = outflowWith().open('key', connection());
  await outlet.room(1_000_000);
});

test('the connections of a key are bounded together, those of another key are not', async () => {
  const outflow = outflowWith();
  const unread = Array.from({ length: 3 }, connection);
  for (const one of unread) {
    one.state.bytes = 900;
    outflow.open('key', one);
  }
  expect(outflow.isFull('key')).toBe(true);
  const late = outflow.open('key', connection());
  const waiting = late.room(1);
  await outflow.open('other', connection()).room(1);
  expect(outflow.isFull('other')).toBe(false);
  for (const one of unread) one.state.bytes = 0;
  late.drained();
  await waiting;
});

test('an answer that is to be made fits as long as others have not turned out to be too large', async () => {
  const outflow = outflowWith();
  const first = await outflow.open('key', connection()).room(100);
  const second = await outflow.open('key', connection()).room(100);
  expect(second.fits()).toBe(true);
  first.weigh(2_000);
  expect(second.fits()).toBe(false);
  first.release();
  expect(second.fits()).toBe(true);
});

test('who reads nothing for too long gets no more, and is cut off', async () => {
  const outflow = outflowWith({ patienceMs: 40 });
  const one = connection();
  one.state.bytes = 5_000;
  const outlet = outflow.open('key', one);
  await expect(outlet.room(1)).rejects.toMatchObject({ code: 'SLOW_CONSUMER' });
  await expect.poll(() => one.state.isCut).toBe(true);
});

test('who leaves does not wait', async () => {
  const one = connection();
  one.state.bytes = 5_000;
  const outlet = outflowWith().open('key', one);
  const left = new AbortController();
  const waiting = outlet.room(1, left.signal);
  left.abort(new Error('left'));
  await expect(waiting).rejects.toThrow('left');
  await expect(outlet.room(1, left.signal)).rejects.toThrow('left');
  let hasClosed = false;
  outlet.onClose(() => (hasClosed = true));
  const last = outlet.room(1);
  outlet.close();
  await last;
  expect(hasClosed).toBe(true);
});
