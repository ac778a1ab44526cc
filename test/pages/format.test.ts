import { describe, expect, test } from 'vitest';
import { heatOf } from '../../src/pages/analytics/cohorts/heat.js';
import { money, perHead, sumOf, words } from '../../src/pages/analytics/format.js';

/** How the page of analytics writes and colours figures. */

describe('money', () => {
  test.each([
    [{ amountMinor: 123_450, currency: 'EUR' }, '€1,234.50'],
    [{ amountMinor: -5, currency: 'USD' }, '-$0.05'],
    [{ amountMinor: 0, currency: 'EUR' }, '€0.00'],
    [{ amountMinor: 1_234, currency: 'JPY' }, '¥1,234'],
    [{ amountMinor: 1_234, currency: 'KWD' }, 'KWD 1.234'],
    // What the runtime's own table of currencies takes for whole units.
    [{ amountMinor: 1_234, currency: 'IQD' }, 'IQD 1.234'],
    [{ amountMinor: '9007199254740993', currency: 'EUR' }, '€90,071,992,547,409.93'],
    [{ amountMinor: '-9223372036854775808', currency: 'EUR' }, '-€92,233,720,368,547,758.08'],
  ])('is exact: %o', (amount, text) => {
    expect(money(amount).replaceAll(/\s/g, ' ')).toBe(text);
  });

  test('adds up beyond what a floating-point number holds', () => {
    const amounts = [
      { amountMinor: '9007199254740993', currency: 'EUR' },
      { amountMinor: 1, currency: 'EUR' },
    ];
    expect(sumOf(amounts, 'EUR')).toEqual({ amountMinor: '9007199254740994', currency: 'EUR' });
    expect(sumOf([], 'EUR')).toEqual({ amountMinor: '0', currency: 'EUR' });
  });

  test('is shared out to the nearest minor unit, halves away from zero', () => {
    const each = (amountMinor: number, heads: number) => perHead({ amountMinor, currency: 'EUR' }, heads)?.amountMinor;
    expect([each(100, 3), each(101, 2), each(-101, 2), each(5, 0)]).toEqual(['33', '51', '-51', undefined]);
  });
});

test('the depth of a colour goes by the greatest value', () => {
  expect(heatOf([0, 5, 10, null, -3])).toEqual([0, 4, 8, undefined, 0]);
  expect(heatOf([0, 0])).toEqual([0, 0]);
  expect(heatOf([5], 20)).toEqual([2]);
});

test('names of the graph become words', () => {
  expect([words('customer.tags_added'), words('SALE')]).toEqual(['Tags added', 'Sale']);
});
