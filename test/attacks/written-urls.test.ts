import { expect, test } from 'vitest';
import { webUrl } from '../../src/lib/values/validation.js';

/** URLs that the check reads otherwise than whoever gets them: people, mail programs, and the programs of receivers. */

test.each([
  ['with a line break in its scheme', 'ht\ntps://example.com/'],
  ['with a sign that moves the cursor of a terminal', 'https://example.com/\u009b2J'],
  ['with another host behind a backslash', 'https://example.com\\@127.0.0.1/'],
  ['with backslashes alone', 'https:\\\\example.com/'],
  ['without slashes', 'https:example.com'],
  ['with a slash too many', 'https:///example.com/'],
  ['of another scheme', 'javascript://example.com/%0aalert(1)'],
])('one %s is refused', (_what, url) => {
  expect(webUrl.safeParse(url).success).toBe(false);
});

test('what the check passes over is not kept', () => {
  expect(webUrl.parse('https://exam\tple.com/a\r\nBcc: b')).toBe('https://example.com/aBcc: b');
});

test.each([
  'https://example.com',
  'HTTP://Example.com:8080/a b\\c?d={e}#f|g',
  'http://[2001:db8::1]/',
  'https://exämple.de/ü?q=日本',
  'https://example.com?a=1',
])('one that people use is kept as it is: %s', (url) => {
  expect(webUrl.parse(url)).toBe(url);
});
