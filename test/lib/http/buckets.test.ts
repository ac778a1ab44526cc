import { expect, test } from 'vitest';
import { createBuckets } from '../../../src/lib/http/buckets.js';

const size = { capacity: 100, restore: 10 };

function bucketsAt(start = 0) {
  const clock = { now: start };
  const buckets = createBuckets(() => clock.now);
  return {
    clock,
    spend: (points: number, name = 'key') => buckets.spend(name, points, size),
    giveBack: (points: number, name = 'key') => buckets.giveBack(name, points, size),
  };
}

test('what is spent comes back at the given rate, up to the capacity', () => {
  const { clock, spend } = bucketsAt();
  expect(spend(60)).toEqual({ remaining: 40, waitSeconds: 0 });
  clock.now = 2_000;
  expect(spend(0)).toEqual({ remaining: 60, waitSeconds: 0 });
  clock.now = 60_000;
  expect(spend(0)).toEqual({ remaining: 100, waitSeconds: 0 });
});

test('what has no room is not spent, and told how long to wait', () => {
  const { clock, spend } = bucketsAt();
  spend(90);
  expect(spend(40)).toEqual({ remaining: 10, waitSeconds: 3 });
  expect(spend(10)).toEqual({ remaining: 0, waitSeconds: 0 });
  clock.now = 4_000;
  expect(spend(40)).toEqual({ remaining: 0, waitSeconds: 0 });
});

test('what is more than the whole capacity waits until the bucket is empty', () => {
  const { clock, spend } = bucketsAt();
  spend(1);
  expect(spend(1_000).waitSeconds).toBeCloseTo(0.1);
  clock.now = 100;
  expect(spend(1_000)).toEqual({ remaining: 0, waitSeconds: 0 });
});

test('what is given back can be spent again, and never makes more of a bucket than it holds', () => {
  const { clock, spend, giveBack } = bucketsAt();
  spend(90);
  expect(giveBack(50)).toBe(60);
  expect(spend(60)).toEqual({ remaining: 0, waitSeconds: 0 });
  clock.now = 5_000;
  expect(giveBack(100)).toBe(100);
  expect(spend(101)).toEqual({ remaining: 0, waitSeconds: 0 });
  expect(giveBack(10, 'another')).toBe(100);
});

test('each name has its own, and thousands of names change nothing of that', () => {
  const { spend } = bucketsAt();
  for (let place = 0; place < 12_000; place += 1) spend(100, `key ${place}`);
  expect(spend(1, 'key 11999').waitSeconds).toBeGreaterThan(0);
  expect(spend(100, 'another').waitSeconds).toBe(0);
});
