import { phoneNumberOf } from '../values/phone.js';

/**
 * Spellings of a value that a search treats as equal. The database function "deskgraph_spellings" stores those of
 * texts; this module computes those of queries.
 */

/** Characters that look alike or are optional. Must match the database function "deskgraph_plain". */
const alike: readonly (readonly [string, string])[] = [
  ['`\u2018\u2019\u201b\u2032\u2035\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\ua78c\u055a\u05f3', "'"],
  ['\u05f4\u201c\u201d\u201e\u201f', '"'],
  // The characters that separate prefixes and endings in Persian, and the Catalan l·l, count as hyphens too.
  ['\u2010\u2011\u2012\u2013\u2212\u2043\u05be\u200c\u00b7', '-'],
  ['\u0622\u0623\u0625\u0671', '\u0627'],
  ['\u0624', '\u0648'],
  ['\u0626\u0649\u06cc', '\u064a'],
  ['\u0629\u06c0\u06c1\u06c3\u06be\u06d5', '\u0647'],
  ['\u06a9', '\u0643'],
  ['\u066b', '.'],
  ['\u066c', ','],
];
/**
 * The zeros of Arabic, Persian, Thai, Lao, Burmese, Khmer, Tibetan, Mongolian and, from Devanagari to Malayalam, of
 * India. The other digits follow each zero.
 */
const zeros = [
  0x660, 0x6f0, 0xe50, 0xed0, 0x1040, 0x17e0, 0xf20, 0x1810, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6,
  0xd66,
];
const replacements = new Map<string, string>([
  ...alike.flatMap(([characters, by]) => Array.from(characters, (character) => [character, by] as const)),
  ...zeros.flatMap((zero) =>
    Array.from({ length: 10 }, (_, digit) => [String.fromCodePoint(zero + digit), String(digit)] as const),
  ),
]);

/** Marks of Arabic and Hebrew, variation selectors and direction marks, and invisible characters. */
const optional =
  /[\u0640\u064b-\u0658\u0670\u05b0-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|\u200d|[\u180b-\u180e]|[\ufe00-\ufe0f]|[\u{e0100}-\u{e010f}]/gu;

/** A text with one spelling for characters that look alike or are optional. */
export const plain = (text: string): string =>
  Array.from(
    text.replaceAll('\u00b4', "'").normalize('NFKC').replace(optional, ''),
    (character) => replacements.get(character) ?? character,
  )
    .join('')
    // A hamza after the letter that others write it on, the middle dot between names in katakana, and marks of Thai and
    // Lao in the other order.
    .replace(/([\u064a\u0648])\u0621/gu, '$1')
    .replace(/([\u30a1-\u30fa\u30fc-\u30ff])\u30fb/gu, '$1')
    .replace(/([\u0e48-\u0e4b\u0ec8-\u0ecb])([\u0e4d\u0ecd])/gu, '$2$1');

/** A text in the form of `plain`, and the position of each span of it in the original text. */
export interface PlainText {
  text: string;
  given(span: Span): Span;
}

export interface Span {
  start: number;
  end: number;
}

/**
 * Characters that change together with the ones before them: marks, vowels and finals of Korean, half-width marks of
 * kana, and the characters for which `plain` looks back.
 */
const following = '[\\p{M}\\p{Cf}\\u1160-\\u11ff\\uff9e\\uff9f\\u0621\\u0e33\\u0eb3\\u30fb\\uff65]';
const inseparable = new RegExp(`[\\x00-\\x7f]+(?!${following})|[^]${following}*`, 'gu');

export function plainWithPlaces(given: string): PlainText {
  if (/^\p{ASCII}*$/u.test(given)) return { text: plain(given), given: (span) => span };
  const begins: number[] = [];
  const ends: number[] = [];
  let text = '';
  for (const { 0: part, index } of given.matchAll(inseparable)) {
    const written = plain(part);
    // A span with a different length can only be highlighted as a whole.
    const isSame = written.length === part.length;
    for (let place = 0; place < written.length; place += 1) {
      begins.push(isSame ? index + place : index);
      ends.push(isSame ? index + place + 1 : index + part.length);
    }
    text += written;
  }
  return { text, given: ({ start, end }) => ({ start: begins[start] ?? 0, end: ends[end - 1] ?? 0 }) };
}

/** Scripts without blanks between words: Thai, Lao, Burmese, Khmer, Hangul, kana, bopomofo, Han. */
const unspaced =
  '\\u0e01-\\u0eff\\u1000-\\u109f\\u1100-\\u11ff\\u1780-\\u17d3\\u3005-\\u3007\\u3041-\\u30fa\\u30fc-\\u30ff\\u3105-\\u312f\\u31a0-\\u31bf\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\ua960-\\ua97f\\uaa60-\\uaa7f\\uac00-\\ud7ff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}';
const letter = `(?![${unspaced}])[\\p{L}\\p{N}\\p{M}]`;

/** A part of a text that a search treats as one unit. */
export interface Unit {
  /** NUMBER: digits and their separators. COMPOUND: words joined by signs. RUN: text of a script without blanks. */
  kind: 'NUMBER' | 'COMPOUND' | 'RUN';
  text: string;
  start: number;
  end: number;
}

/**
 * The signs between the words of a compound. In Hebrew, a quotation mark or two apostrophes precede the last letter of
 * an acronym.
 */
const hebrew = '[\\u05d0-\\u05ea]';
const pairOfHex = '[\\da-fA-F]{2}';
const sign = [
  "''?|[-._/]",
  `(?<=${hebrew})"(?=${hebrew})`,
  '(?<=\\d),(?=\\d)',
  `(?<=(?<![\\p{L}\\p{N}])${pairOfHex}):(?=${pairOfHex}(?![\\p{L}\\p{N}]))`,
].join('|');

const forms = new RegExp(
  [
    `(?<run>[${unspaced}]+)`,
    // A serial number in groups, such as bank accounts and post codes: the first group has letters and digits, the
    // others have digits.
    '(?<![\\p{L}\\p{N}])(?<serial>(?=[A-Za-z]*\\d)(?=\\d*[A-Za-z])[A-Za-z\\d]{2,4}(?: (?:[A-Za-z]{4} )?(?=[A-Za-z]{0,3}\\d)[A-Za-z\\d]{1,4}){1,9}|\\d{4} [A-Z]{2}|[A-Z]{2,3}(?: \\d{1,4}){2,9}(?: [A-Z])?)(?![\\p{L}\\p{N}\\p{M}])',
    // At least seven digits, and not part of an order number.
    "(?<![\\p{L}\\p{N}\\p{M}][-._/']?)(?<number>(?:\\+ ?)?\\(?\\d(?:[ ./()-]{0,3}\\d){6,39})(?![-._/']?[\\p{L}\\p{N}\\p{M}])",
    // An amount with blanks between its thousands.
    '(?<![\\p{L}\\p{N}\\p{M}.,])(?<amount>\\d{1,3}(?: \\d{3})+(?:[.,]\\d{1,2})?)(?![\\p{L}\\p{N}\\p{M}]|[.,]\\d| \\d)',
    `(?<compound>(?:${letter})+(?:(?:${sign})(?:${letter})+)*)`,
  ].join('|'),
  'gu',
);

export function unitsOf(text: string): Unit[] {
  return Array.from(text.matchAll(forms), ({ 0: unit, index, groups }) => ({
    kind: groups?.run === undefined ? (groups?.number === undefined ? 'COMPOUND' : 'NUMBER') : 'RUN',
    text: unit,
    start: index,
    end: index + unit.length,
  }));
}

/** Each pair of adjacent characters; a single character stands alone. */
export function bigramsOf(run: string): string[] {
  const characters = Array.from(run);
  return characters.length === 1 ? characters : characters.slice(1).map((next, place) => `${characters[place]}${next}`);
}

/** The text with each hamza moved to the other of the two letters that can carry it within a word. */
export const withOtherHamza = (text: string): string =>
  text.normalize('NFC').replace(/[\u0624\u0626]/gu, (letter) => (letter === '\u0624' ? '\u0626' : '\u0624'));

const minPhoneDigits = 7;

/** Grouped in thousands or, as in India, in hundreds of thousands. */
const amount = /^(\d{1,3}(?:[,.' ]\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d+)(?:[.,](\d{1,2}))?$/;
const article = /^[\u0648\u0641]?(?:[\u0628\u0643]?\u0627\u0644|\u0644\u0644)(?=[\u0621-\u06d3]{2})/u;

/** Leading letters may be a label, such as TEL, and not part of the number. */
const isLabelled = /^[A-Z]{2,3} [\d ]+$/u;
const isAcronym = /^\p{L}{1,2}(?:\.\p{L}{1,2})+$/u;

/** Whether the words of a unit add something to its lexemes. Phone numbers consist only of their digits. */
export const hasWords = ({ kind, text }: Unit): boolean => kind === 'COMPOUND' || /\d{7}.*\D\d|\d\D.*\d{7}/u.test(text);

/** The lexemes of a plain unit in addition to its words. A matching text has at least one of them. */
export function lexemesOf({ kind, text }: Unit): string[] {
  if (kind === 'RUN') return [];
  const found = new Set<string>();
  const digits = text.replace(/\D/gu, '');
  if (kind === 'NUMBER' || (digits.length >= minPhoneDigits && isLabelled.test(text)))
    for (const number of numbersOf(text.replaceAll('(0)', ''))) found.add(number);
  const [, units, cents] = amount.exec(text) ?? [];
  if (units !== undefined && (cents !== undefined || /\D/u.test(units))) {
    const whole = units.replace(/\D/gu, '');
    found.add(cents === undefined ? whole : `${whole}${cents.padEnd(2, '0')}`);
    if (cents !== undefined && Number(cents) === 0) found.add(whole);
  }
  const joined = text.replace(/[-._/'": ]/gu, '');
  const isOne = digits !== '' || /^[^._/]+$/u.test(text) || isAcronym.test(text);
  if (joined !== text && !joined.includes(',') && kind === 'COMPOUND' && isOne) found.add(joined);
  const stem = text.replace(article, '');
  if (stem !== text) found.add(stem);
  // The database treats a final sigma of a word in capitals as a sigma within a word.
  if (/[\u03a3\u03c2\u03c3]$/u.test(text)) for (const sigma of '\u03c2\u03c3') found.add(text.slice(0, -1) + sigma);
  return [...found];
}

/**
 * The digits of a phone number to look for. If it has a country code, the national digits come last. Empty when there
 * are too few digits.
 */
export function phoneForms(phone: string): string[] {
  const text = plain(phone)
    .replaceAll('(0)', '')
    .replace(/(\d)[^\d]*[a-z#;,].*$/isu, '$1');
  return numbersOf(text).filter((digits) => digits.length >= minPhoneDigits);
}

/** The digits of a number, also without the international or trunk prefix, and without the country code. */
function numbersOf(text: string): string[] {
  const digits = text.replace(/\D/gu, '');
  const dialled = digits.replace(/^(?:00|011|0)(?=\d{7})/u, '');
  const isNational = dialled !== digits && /^0(?!0|11)/u.test(digits);
  const known = isNational ? null : phoneNumberOf(`+${dialled}`);
  return [digits, dialled, ...(known && known.national.length >= minPhoneDigits ? [known.national] : [])];
}
