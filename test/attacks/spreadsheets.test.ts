import { expect, test } from 'vitest';
import { asText, csvOf } from '../../src/pages/analytics/tables/csv.js';

/** Names that others choose, in files that people open with a spreadsheet. */

test.each([
  '=HYPERLINK("https://evil.example","Sales")',
  '+1+1',
  '-2+3',
  '@SUM(1)',
  "|cmd'/c calc'!A1",
  '\t=1+1',
  '\r\n=1+1',
  '\u00a0=1+1',
  '\ufeff=1+1',
  '＝1+1',
  '＋1',
  '－1',
  '＠SUM(1)',
])('%j is no formula', (name) => {
  expect(csvOf([[asText(name)]])).toMatch(/^"?'\S/);
});

test.each(['Spring sale', 'a=b', '1-2', "'quoted", '春のセール'])('%s stays as it is', (name) => {
  expect(asText(name)).toBe(name);
});
