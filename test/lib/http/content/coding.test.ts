import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { coded, codingFor, isWorthCoding } from '../../../../src/lib/http/content/coding.js';
import { etagOf, isNoneMatch } from '../../../../src/lib/http/content/etag.js';

describe('the coding of an answer', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['deflate', undefined],
    ['gzip', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['gzip;q=0', undefined],
    ['identity, gzip;q=0.5', undefined],
    ['*', 'br'],
    [';;;,', undefined],
  ] as const)('for Accept-Encoding %s is %s', (accepted, coding) => {
    expect(codingFor(accepted)).toBe(coding);
  });

  test('holds the same content', async () => {
    const text = 'Zoë waits. '.repeat(1_000);
    expect(isWorthCoding(text.length)).toBe(true);
    expect(gunzipSync(await coded('gzip', text)).toString()).toBe(text);
    expect(brotliDecompressSync(await coded('br', text)).toString()).toBe(text);
  });
});

describe('a validator', () => {
  const etag = etagOf('a', 'bc');

  test.each([
    [etag, true],
    [etag.slice(2), true],
    [`"x", ${etag}`, true],
    ['*', true],
    ['"x"', false],
    ['', false],
    [null, false],
  ])('is in If-None-Match %s: %s', (header, isIn) => {
    expect(isNoneMatch(header, etag)).toBe(isIn);
  });

  test('is of all its parts', () => {
    expect(etagOf('ab', 'c')).not.toBe(etag);
    expect(etagOf('a', 'bc')).toBe(etag);
  });
});
