import { expect, test } from 'vitest';
import { documentCache } from '../../../src/graphql/execution/document-cache.js';

test('documents are remembered by their text, the latest ones when there are too many', () => {
  const cache = documentCache<{ place: number }>();
  for (let place = 0; place < 1_500; place += 1) cache.set(`query { viewer { kind } } # ${place}`, { place });
  expect(cache.get('query { viewer { kind } } # 1499')).toEqual({ place: 1_499 });
  expect(cache.get('query { viewer { kind } } # 0')).toBeUndefined();
});

test('documents that take much memory, a hundred times that of their text, are few, however many there are', () => {
  const cache = documentCache<object>();
  const texts = Array.from({ length: 300 }, (_, place) => `${place}${'#'.repeat(32_000)}`);
  for (const text of texts) cache.set(text, {});
  expect(texts.filter((text) => cache.get(text)).length * 32_000).toBeLessThanOrEqual(1_024 * 1_024);
  const huge = '#'.repeat(40_000);
  cache.set(huge, {});
  cache.set('', {});
  expect([cache.get(huge), cache.get('')]).toEqual([undefined, undefined]);
});
