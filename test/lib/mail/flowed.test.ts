import { expect, test } from 'vitest';
import { textOfFlowed } from '../../../src/lib/mail/flowed.js';

test.each([
  ['a paragraph', 'one \ntwo\nthree', 'one two\nthree'],
  ['an answer below a quote', '> one \nHello', '> one\nHello'],
  ['a quote below an answer', 'Hello \n> one', 'Hello\n> one'],
  ['a quoted paragraph', '> one \n> two\n>> three \n>> four', '> one two\n>> three four'],
  ['blanks between the marks', '> > one \n> > two\n> three', '> > one two\n> three'],
  ['a signature', 'Hello \n-- \nJane', 'Hello\n-- \nJane'],
  ['a quoted signature', '> Hello\n> -- \n> Jane', '> Hello\n> -- \n> Jane'],
  ['a line that begins with a blank for safety', 'a\n From here\n >no quote', 'a\nFrom here\n>no quote'],
  ['blank lines', 'one \n\n>\ntwo \n \nthree', 'one\n\n>\ntwo\n\nthree'],
  ['nothing', '', ''],
])('%s', (_what, flowed, text) => {
  expect(textOfFlowed(flowed, false)).toBe(text);
});

test('blanks that were only added are taken out', () => {
  expect(textOfFlowed('日本 \n語 ok \nyes', true)).toBe('日本語 okyes');
});
