import { expect, test } from 'vitest';
import { weightOf } from '../../../src/graphql/limits/operation-turns.js';

test('an operation weighs what it was charged, and no less than the smallest', () => {
  expect(weightOf({}, 1_000)).toBe(1_000);
  expect(weightOf({}, 1)).toBe(130);
});

test('reading its request counts, and of a batch its share', () => {
  expect(weightOf({ bodyBytes: 100_000 }, 1)).toBe(2_500);
  expect(weightOf({ bodyBytes: 100_000, batchSize: 10 }, 1)).toBe(250);
});
