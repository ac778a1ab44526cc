import { describe, expect, test } from 'vitest';
import { plain, plainWithPlaces, unitsOf } from '../../../src/lib/text/spelling.js';
import { wordsOf } from '../../../src/lib/text/words.js';

describe('a plain text knows where it stands in the given one:', () => {
  test.each([
    ['Donau\u00addampf\u00adschiff', 'dampf', 'dampf\u00ad'],
    ['ﾃﾞｰﾀﾍﾞｰｽ', 'ベース', 'ﾍﾞｰｽ'],
    ['ガイド'.normalize('NFD'), 'イ', 'イ'],
    ['カ\u3099イ', 'ガ', 'カ\u3099'],
    ['한국어'.normalize('NFD'), '국', '국'.normalize('NFD')],
    ['㈱テスト', '株', '㈱'],
    ['مُحَمَّد أحمد', 'محمد', 'مُحَمَّد'],
    ['هذا شيء', 'شي', 'شيء'],
    ['น้ำตาล', 'นํ้า', 'น้ำ'],
    ['I❤\ufe0fNY', 'NY', 'NY'],
    ['the oﬃce', 'office', 'oﬃce'],
    ['ｼﾞｮﾝ･ｽﾐｽ', 'ジョンスミス', 'ｼﾞｮﾝ･ｽﾐｽ'],
    ['plain', 'lai', 'lai'],
    ['👩‍👩‍👧 trip', 'trip', 'trip'],
  ])('%s has %s as %s', (given, part, expected) => {
    const text = plainWithPlaces(given);
    expect(text.text).toBe(plain(given));
    const start = text.text.indexOf(part);
    expect(start).toBeGreaterThanOrEqual(0);
    const span = text.given({ start, end: start + part.length });
    expect(given.slice(span.start, span.end)).toBe(expected);
  });
});

test.each([
  ['GB29 NWBK 6016 1331 9268 19', ['GB29 NWBK 6016 1331 9268 19']],
  ['tel 0171 123 4567', ['tel', '0171 123 4567']],
  ['A1:2B:3C and x:10:30', ['A1:2B:3C', 'and', 'x', '10:30']],
  ['חב"ד "quoted"', ['חב"ד', 'quoted']],
  ['3 299,50 or 12 345', ['3 299,50', 'or', '12 345']],
  ['601 123 453 and 415 777 0288', ['601 123 453', 'and', '415 777 0288']],
  ['1,23,456.00', ['1,23,456.00']],
  ['AB12 of them', ['AB12', 'of', 'them']],
  ['SW1A 1AA and 1012 AB', ['SW1A 1AA', 'and', '1012 AB']],
])('%s is read as %j', (text, units) => {
  expect(unitsOf(text).map((unit) => unit.text)).toEqual(units);
});

test('letters are folded as the database folds them', () => {
  expect(wordsOf('Ħamrun Ŋuyen ŧest ɓata ƙasa Straße').map(({ folded }) => folded)).toEqual([
    'hamrun',
    'nuyen',
    'test',
    'bata',
    'kasa',
    'strasse',
  ]);
});

test.each([
  'A1 1 ',
  'a.',
  '00:',
  'a1',
  'GB29 NWBK 6016 ',
  'א"',
  "a''",
  '1,23',
  '\u00ad',
  'يء',
  '\u0e48\u0e4d',
  'e\u0301',
])('a text of a hundred thousand characters is read to its end: %s', (part) => {
  const text = part.repeat(100_000 / part.length);
  expect(unitsOf(plainWithPlaces(text).text)).toBeInstanceOf(Array);
});
