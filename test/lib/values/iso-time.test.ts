import { expect, test } from 'vitest';
import { isoTime } from '../../../src/lib/values/iso-time.js';

test('times are written as Date writes them', () => {
  const years = ['0001', '1969', '1970', '2024', '9999'];
  const edges = years.flatMap((year) => [`${year}-01-01T00:00:00.000Z`, `${year}-12-31T23:59:59.999Z`]);
  for (const text of [
    ...edges,
    '2024-02-29T12:34:56.007Z',
    '-000001-06-01T00:00:00.001Z',
    '+010000-01-01T00:00:00.000Z',
  ]) {
    expect(isoTime(new Date(text))).toBe(text);
  }
  // Steps of 36 days and some odd milliseconds: more days than are remembered.
  for (let time = -62_135_596_800_000; time < 253_402_300_800_000; time += 3_110_404_321) {
    const date = new Date(time);
    expect(isoTime(date)).toBe(date.toISOString());
  }
});

test('what is no time is refused as Date refuses it', () => {
  expect(() => isoTime(new Date(Number.NaN))).toThrow(RangeError);
});
