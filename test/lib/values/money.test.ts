import { describe, expect, test } from 'vitest';
import { allocate, convert, divideRounded } from '../../../src/lib/values/money.js';
import { randomNumbers } from '../../kit/random-operations.js';

describe('amounts of other currencies', () => {
  test.each([
    // amount, from, to, rate, what it comes to
    [1_999n, 'EUR', 'USD', '1.0837', 2_166n],
    [1n, 'EUR', 'USD', '0.5', 1n],
    [1n, 'EUR', 'USD', '0.499999999999', 0n],
    [150n, 'JPY', 'USD', '0.0067', 101n],
    [1_005n, 'USD', 'JPY', '149.5', 1_502n],
    [1_234n, 'KWD', 'EUR', '3', 370n],
    [1n, 'USD', 'KWD', '0.307', 3n],
    [999_999_999_999n, 'USD', 'EUR', '1', 999_999_999_999n],
    [900_719_925_474n, 'USD', 'EUR', '1.000000000001', 900_719_925_475n],
  ])('%s %s in %s at %s', (amount, from, to, rate, result) => {
    expect(convert(amount, from, to, rate)).toBe(result);
  });

  test('are rounded to the nearest minor unit, halves away from zero', () => {
    expect([5n, -5n, 4n, -4n, 15n, 0n].map((value) => divideRounded(value, 10n))).toEqual([1n, -1n, 0n, 0n, 2n, 0n]);
  });
});

describe('an amount that is divided by weights', () => {
  test('adds up exactly, whatever the weights, and no part is further than one unit from its share', () => {
    const random = randomNumbers(7);
    for (let run = 0; run < 2_000; run += 1) {
      const amount = BigInt(Math.floor((random() - 0.5) * 10 ** (1 + Math.floor(random() * 12))));
      const weights = Array.from({ length: 1 + Math.floor(random() * 12) }, () => BigInt(Math.floor(random() * 1e9)));
      weights[0] = (weights[0] ?? 0n) + 1n;
      const total = weights.reduce((sum, weight) => sum + weight, 0n);
      const parts = allocate(amount, weights);
      expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(amount);
      for (const [place, part] of parts.entries()) {
        const off = part * total - amount * (weights[place] ?? 0n);
        expect(off < total && off > -total).toBe(true);
      }
    }
  });

  test('gives what is left to the largest remainders, the first of equal ones', () => {
    expect(allocate(100n, [1n, 1n, 1n])).toEqual([34n, 33n, 33n]);
    expect(allocate(-100n, [1n, 1n, 1n])).toEqual([-34n, -33n, -33n]);
    expect(allocate(10n, [1n, 5n, 6n])).toEqual([1n, 4n, 5n]);
    expect(allocate(2n, [2n, 1n, 2n])).toEqual([1n, 0n, 1n]);
  });
});
