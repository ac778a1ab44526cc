import { describe, expect, test } from 'vitest';
import { type Identity, type Mask, maskOf } from '../../../src/lib/text/mask.js';

const jane: Identity = {
  emails: ['jane.doe@example.com'],
  phones: ['+1-415-777-0288', '+44 20 7946 0958'],
  names: ['Jane Zoë Doe', 'Jane', 'Doe'],
  externalIds: ['usr_01J8X3Y'],
};

function maskFor(identity: Partial<Identity>): Mask {
  const mask = maskOf({ emails: [], phones: [], names: [], externalIds: [], ...identity });
  if (!mask) throw new Error('Nothing to mask.');
  return mask;
}

const mask = maskFor(jane);

describe('a text is masked where it names the person', () => {
  test.each([
    'Write to jane.doe@example.com.',
    'JANE.DOE@Example.COM',
    'mailto:jane.doe@example.com?subject=x',
    'https://a.test/?to=jane.doe%40example.com&x=1',
    'https://a.test/?to=%3Cjane%2Edoe%40example%2Ecom%3E',
    'From: "Jane Zoë Doe" <jane.doe@example.com>',
    'jane.doe+news@example.com',
    'jane.doe&#64;example.com',
    'Call +1-415-777-0288 now',
    'tel:+14157770288',
    '(415) 777-0288',
    '001 415 777 0288',
    '415.777.0288',
    '4157770288',
    '777-0288',
    '+1%20415%20777%200288',
    '020 7946 0958',
    '+44 (0)20 7946 0958',
    '0044 20 79460958',
    'Hi Jane,',
    'Hi JANE!',
    'Doe, Jane Zoë',
    'jane zoë doe',
    'Jane Zoe\u0301 Doe',
    'Jane%20Zo%C3%AB%20Doe',
    'Jane_Zoë_Doe.pdf',
    "Jane's order",
    'customer usr_01J8X3Y called',
    'https://a.test/users/usr_01J8X3Y/orders',
    'USR_01j8x3y',
  ])('%s', (text) => {
    expect(mask.text(text)).toContain('[redacted]');
    expect(mask.text(text)).not.toMatch(/jane|doe|415|777|0288|7946|0958|01j8/i);
  });

  test.each([
    'Janet and the doers',
    'Order 1415777028 8123',
    'Invoice 9777028',
    'usr_01J8X3YZ and my_usr_01J8X3Y',
    'Nothing here: 12.50 EUR on 2026-03-01',
  ])('not: %s', (text) => {
    expect(mask.text(text)).toBe(text);
  });
});

test.each([
  'mary.jane.doe@example.com',
  'jane.doe@example.company',
  'jane.doe@example.com.au',
  'jane.doe@my-example.com',
])('another address is left alone: %s', (text) => {
  const { emails } = jane;
  expect(maskFor({ emails }).text(text)).toBe(text);
});

test('every sign that an address, an id or a name may have is found', () => {
  const signs = "a.b!c#d$e%f&g'h*i+j-k/l=m?n^o_p`q{r|s}t~u\\v(w)x[y]z";
  const identity = {
    emails: ['mary-jane+x@my-shop.example', `${signs}@x.test`],
    externalIds: [`usr-01-${signs}`],
    names: ['Anne-Marie Smith-Jones'],
  };
  const spoken = maskFor(identity);
  for (const text of [...identity.emails, ...identity.externalIds, ...identity.names]) {
    expect(spoken.text(`<< ${text} >>`), text).toBe('<< [redacted] >>');
  }
});

test('what is too short to name one person is left alone', () => {
  expect(maskOf({ emails: [], phones: ['1', '12 34'], names: [], externalIds: [] })).toBeNull();
});

describe('HTML', () => {
  test.each([
    ['<p>Hi Jane</p>', '<p>Hi [redacted]</p>'],
    ['<p>jane.<b>doe</b>@example<wbr>.com!</p>', '<p>[redacted]<b></b><wbr>!</p>'],
    [
      '<a href="mailto:jane.doe@example.com" title="Jane">write</a>',
      '<a href="mailto:[redacted]" title="[redacted]">write</a>',
    ],
    ['<p>&#74;ane &amp; co</p>', '<p>[redacted] &amp; co</p>'],
    ['<p>call 415&nbsp;777&#45;0288</p>', '<p>call [redacted]</p>'],
    ['<!-- Jane --><p>Hi</p>', '<p>Hi</p>'],
    ['<style>.jane{}</style><p>Hi</p>', '<p>Hi</p>'],
    ['<img src="https://a.test/jane.png"><p>1 &lt; 2</p>', '<img src="https://a.test/[redacted].png"><p>1 &lt; 2</p>'],
  ])('%s', (html, expected) => {
    expect(mask.html(html)).toBe(expected);
  });

  test('words of two blocks are not one, and what names nobody stays as it is', () => {
    const html = '<DIV>415</DIV><p>7770<p>288<br>Jan<br>et & co <!-- x --></p>';
    expect(mask.html(html)).toBe(html);
  });

  test('takes time in proportion to its length', () => {
    const html = `<p>${'<b>Jane</b> wrote 41577702 '.repeat(20_000)}</p>`;
    expect(mask.html(html)).not.toContain('Jane');
  });
});

test('JSON is masked in its texts, numbers and names', () => {
  const value = {
    referrer: 'Jane Zoë Doe',
    phones: [14157770288, 5],
    'jane.doe@example.com': { ok: true, none: null },
  };
  expect(mask.json(value)).toEqual({
    referrer: '[redacted]',
    phones: ['[redacted]', 5],
    '[redacted]': { ok: true, none: null },
  });
  const other = { plan: 'pro', seats: 12 };
  expect(mask.json(other)).toBe(other);
});

test('names in other scripts, and with one word', () => {
  const tanaka = maskFor({ names: ['田中 太郎', 'Łukasz'] });
  expect(tanaka.text('担当: 田中 太郎')).toBe('担当: [redacted]');
  expect(tanaka.text('Hej ŁUKASZ, https://a.test/%C5%81ukasz')).toBe('Hej [redacted], https://a.test/[redacted]');
});
