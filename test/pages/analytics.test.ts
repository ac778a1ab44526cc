import { expect, test } from 'vitest';
import { periodBefore, presets, today } from '../../src/pages/analytics/range/days.js';
import { csvOf } from '../../src/pages/analytics/tables/csv.js';

/** What the page of analytics works out by itself. */

test('cells are quoted where they must be', () => {
  expect(
    csvOf([
      ['Name', 'Sum'],
      ['Fish, "fresh"', '12.5'],
    ]),
  ).toBe('Name,Sum\r\n"Fish, ""fresh""",12.5\r\n');
});

test('the period before has as many days, and ends where the other begins', () => {
  expect(periodBefore({ start: '2026-03-01', end: '2026-03-31' })).toEqual({ start: '2026-01-29', end: '2026-02-28' });
  expect(periodBefore({ start: '2026-03-01', end: null })).toBeNull();
  expect(periodBefore({ start: '2026-03-02', end: '2026-03-01' })).toBeNull();
});

test('days are those of the workspace', () => {
  const evening = new Date('2026-03-12T23:30:00Z');
  expect(today('Europe/Berlin', evening)).toBe('2026-03-13');
  expect(Object.fromEntries(presets.map(([text, of]) => [text, of('2026-03-13')]))).toEqual({
    '30 days': { start: '2026-02-12', end: '2026-03-13' },
    '90 days': { start: '2025-12-14', end: '2026-03-13' },
    'This year': { start: '2026-01-01', end: '2026-03-13' },
    'All time': { start: null, end: null },
  });
});
