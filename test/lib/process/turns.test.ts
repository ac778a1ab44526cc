import { expect, test, vi } from 'vitest';
import { createTurns } from '../../../src/lib/process/turns.js';

const turn = () => new Promise(setImmediate);

test('work is done at once when nothing else is to be done', () => {
  const done: number[] = [];
  void createTurns(10).take('a', 5, () => done.push(1));
  expect(done).toEqual([1]);
});

test('in a turn of the event loop only so much begins, and heavy work goes alone', async () => {
  const turns = createTurns(10);
  let begun = 0;
  const all = Promise.all(Array.from({ length: 5 }, () => turns.take('a', 25, () => (begun += 1))));
  const seen: number[] = [];
  for (let count = 0; count < 12; count += 1) {
    seen.push(begun);
    await turn();
  }
  await all;
  expect(seen.every((count, place) => place === 0 || count - (seen[place - 1] ?? 0) <= 1)).toBe(true);
  expect(begun).toBe(5);
});

test('a share has only so much under way', async () => {
  const turns = createTurns(10);
  let underWay = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 20 }, () =>
      turns.take('a', 4, async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        await turn();
        underWay -= 1;
      }),
    ),
  );
  expect(most).toBe(2);
});

test('one share does not wait for all of another', async () => {
  const turns = createTurns(10);
  const order: string[] = [];
  const many = Array.from({ length: 100 }, () => turns.take('many', 10, () => void order.push('many')));
  await Promise.all([...many, turns.take('few', 10, () => void order.push('few'))]);
  expect(order.indexOf('few')).toBeLessThan(3);
});

test('a share that is alone is not bound, and is as soon as another comes', async () => {
  const turns = createTurns(10, { aloneAfterMs: 1_000 });
  let underWay = 0;
  const ends: (() => void)[] = [];
  const work = async (): Promise<void> => {
    underWay += 1;
    await new Promise<void>((resolve) => ends.push(resolve));
    underWay -= 1;
  };
  const first = Array.from({ length: 5 }, () => turns.take('many', 10, work));
  expect(underWay).toBe(5);
  expect(await turns.take('few', 10, () => 'at once')).toBe('at once');
  const second = Array.from({ length: 5 }, () => turns.take('many', 10, work));
  await turn();
  expect(underWay).toBe(5);
  for (const end of ends.splice(0)) end();
  await Promise.all(first);
  await turn();
  expect(underWay).toBe(1);
  while (ends.length > 0) {
    for (const end of ends.splice(0)) end();
    await turn();
    await turn();
  }
  await Promise.all(second);
});

test('work that fails gives its room back', async () => {
  const turns = createTurns(10);
  const failing = () => turns.take('a', 10, () => Promise.reject(new Error('failed')));
  await expect(failing()).rejects.toThrow('failed');
  await expect(failing()).rejects.toThrow('failed');
  expect(await turns.take('a', 10, () => 'done')).toBe('done');
});

test('after heavy work a share rests as long as it took, and the others do not', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  try {
    const turns = createTurns(10, { aloneAfterMs: 1_000, longestRestMs: 50 });
    const heavy = async (ms: number): Promise<void> => {
      await turns.take('few', 1, () => undefined);
      await turns.take('many', 25, () => void vi.advanceTimersByTime(ms));
    };
    for (const [took, rests] of [
      [30, 30],
      [400, 50],
    ] as const) {
      await heavy(took);
      let hasBegun = false;
      const next = turns.take('many', 25, () => {
        hasBegun = true;
      });
      expect(await turns.take('few', 10, () => 'meanwhile')).toBe('meanwhile');
      vi.advanceTimersByTime(rests - 1);
      await turn();
      await turn();
      expect(hasBegun).toBe(false);
      vi.advanceTimersByTime(1);
      await next;
      // The rest of this one.
      vi.advanceTimersByTime(50);
    }
  } finally {
    vi.useRealTimers();
  }
});

test('a share that is alone does not rest', async () => {
  const turns = createTurns(10, { aloneAfterMs: 1_000, longestRestMs: 1_000_000 });
  await turns.take('many', 25, turn);
  expect(await turns.take('many', 25, () => 'at once')).toBe('at once');
});
