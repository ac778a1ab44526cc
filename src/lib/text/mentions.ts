/**
 * Patterns that find a person's values in texts, in the spellings that people and programs use. Each is the source of a
 * regular expression with the flags `giu`.
 */

/** What can separate the digits of a phone number. */
const gap = String.raw`(?:[\s\u00a0().\-\u2010-\u2015\u00b7/]|%20|%28|%29|%2D|%2E|%2F){0,4}`;
/** What can separate the words of a name, including in URLs and file names. */
const blank = String.raw`(?:[\s\u00a0.,_+\-\u2010-\u2015]|%20|%2C|%09){1,4}`;
/** The start of a word. A percent-encoded character ends a word, even if its last digit is a letter. */
const start = String.raw`(?:(?<![\p{L}\p{N}\p{M}])|(?<=%[0-9a-f]{2}))`;
const end = String.raw`(?![\p{L}\p{N}\p{M}])`;

/** The shortest phone number that cannot be confused with other numbers. */
const minPhoneDigits = 7;

/** An e-mail address, also tagged (`jane+news@example.com`), percent-encoded, or with HTML entities. */
export function emailPattern(email: string): string {
  const place = email.lastIndexOf('@');
  const local = email.slice(0, place);
  const tag = local.includes('+') ? '' : String.raw`(?:(?:\+|%2B)[\p{L}\p{N}._\-]{1,64})?`;
  const at = '(?:@|%40|&#0*64;|&#x0*40;|&commat;)';
  const before = String.raw`(?:(?<![\p{L}\p{N}._+\-])|(?<=%[0-9a-f]{2}))`;
  const after = String.raw`(?![\p{L}\p{N}\-]|\.[\p{L}\p{N}])`;
  return `${before}${spelt(local)}${tag}${at}${spelt(email.slice(place + 1))}${after}`;
}

/**
 * A phone number with any separators between its digits, with or without the country or area code, and with `+`, `00`
 * or a trunk zero before it. Null when it has too few digits.
 */
export function phonePattern(phone: string): string | null {
  const digits = phoneDigits(phone);
  if (digits.length < minPhoneDigits) return null;
  const forms: string[] = [];
  for (let from = 0; digits.length - from >= minPhoneDigits; from += 1) {
    const [first = '', ...rest] = digits.slice(from);
    // A trunk zero follows the country code, which has up to three digits: +44 (0)20 …
    forms.push(first + rest.map((digit, place) => (place < 3 ? `${gap}(?:0${gap})?${digit}` : gap + digit)).join(''));
  }
  const before = String.raw`(?:(?<![\p{N}])|(?<=%[0-9a-f]{2}))`;
  return `${before}(?:[(+]|%2B){0,2}(?:(?:00|011|0)${gap})?(?:${forms.join('|')})(?!\\p{N})`;
}

/** The digits without leading zeros and without an extension. */
export const phoneDigits = (phone: string): string =>
  phone
    .replace(/\s*(?:x|ext\.?|#)\s*\d+\s*$/i, '')
    .replace(/[^0-9]/g, '')
    .replace(/^0+/, '');

/** The words of a name in their order, and with the last one first: "Doe, Jane". */
export function namePattern(name: string): string | null {
  const words = nameWords(name);
  if (words.length === 0) return null;
  const inOrder = (some: readonly string[]) => some.map(spelt).join(blank);
  const turned = [words.at(-1) ?? '', ...words.slice(0, -1)];
  const forms = words.length > 1 ? [inOrder(words), inOrder(turned)] : [inOrder(words)];
  return `${start}(?:${forms.join('|')})${end}`;
}

/** The words of a name, without punctuation around them. */
export const nameWords = (name: string): string[] =>
  name.split(/[\s,;()<>"]+/u).flatMap((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '') || []);

/** An identifier exactly as it is. */
export const identifierPattern = (id: string): string =>
  String.raw`(?:(?<![\p{L}\p{N}_])|(?<=%[0-9a-f]{2}))${spelt(id)}(?![\p{L}\p{N}_])`;

/** A text in which any character may be percent-encoded and accents may be missing. */
const spelt = (text: string): string => Array.from(text.normalize('NFC'), spellingsOf).join('');

function spellingsOf(character: string): string {
  if (/^[a-z0-9]$/i.test(character)) return character;
  const literal = character.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  const encoded = [...new Set([percentEncoded(character), percentEncoded(character.normalize('NFD'))])];
  const bare = character.normalize('NFD').replace(/\p{M}+/gu, '');
  const accented = bare !== character && bare !== '' ? [spellingOfBare(bare)] : [];
  return `(?:${[literal, ...encoded, ...accented].join('|')})`;
}

/** A letter without its accents, or followed by them as combining characters. */
const spellingOfBare = (bare: string): string => String.raw`${bare}\p{M}*`;

const percentEncoded = (character: string): string =>
  Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
