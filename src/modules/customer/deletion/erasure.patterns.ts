import { empty, join, type Sql, sql } from '../../../db/database.js';
import type { Identity } from '../../../lib/text/mask.js';
import { nameWords, phoneDigits } from '../../../lib/text/mentions.js';

/** SQL conditions that preselect texts: true for every text that names a person, and for few others. */

/** A condition that is true if a text may name the person. It uses no index. */
export function mayName({ emails, names, externalIds, phones }: Identity): (text: Sql) => Sql {
  const words = [...emails, ...externalIds, ...names].map(likePattern);
  const turned = names.flatMap((name) => {
    const parts = nameWords(name);
    return parts.length > 1 ? likePattern([parts.at(-1), ...parts.slice(0, -1)].join(' ')) : [];
  });
  const encoded = [...names, ...externalIds].filter(hasCaseless).map((text) => likePattern(encodeURIComponent(text)));
  const patterns = [...words, ...turned, ...encoded];
  const numbers = phones.map(phoneDigits).filter((digits) => digits.length >= 7);
  // Up to twelve characters may separate two digits, for example "%20".
  const number = numbers.map((digits) => Array.from(digits.slice(-7)).join('.{0,12}?')).join('|');
  return (text) =>
    sql`(lower(${text}) LIKE ANY(${patterns}::text[])${number === '' ? empty : sql` OR ${text} ~ ${number}`})`;
}

/**
 * A LIKE pattern in which ASCII letters, digits and letters without case must match, and any text may stand between
 * them: other letters have several spellings.
 */
const likePattern = (text: string): string =>
  `%${text.toLowerCase().replace(/[^a-z0-9\p{Lo}]+/gu, '%')}%`.replace(/%+/g, '%');

const hasCaseless = (text: string): boolean => /\p{Lo}/u.test(text);

/** A query of the search index for the texts that contain the identifiers or names; null if there are none. */
export function searchQuery({ emails, names, externalIds, phones }: Identity): Sql | null {
  const texts = [
    ...[...emails, ...externalIds, ...names].flatMap((text) => [text, encodeURIComponent(text)]),
    ...phones.flatMap(phoneWords),
  ];
  if (texts.length === 0) return null;
  const queries = [...new Set(texts)].map((text) => sql`plainto_tsquery('deskgraph', "deskgraph_words"(${text}))`);
  return sql`(${join(queries, ' || ')})`;
}

/**
 * The index words that spellings of a phone number can produce: the digits as one word, and the usual groupings of the
 * last digits.
 */
function phoneWords(phone: string): string[] {
  const digits = phoneDigits(phone);
  if (digits.length < 7) return [];
  const suffixes = Array.from({ length: digits.length - 6 }, (_, from) => digits.slice(from));
  const parted = [
    [3, 4],
    [4, 4],
    [3, 3],
    [2, 2, 2],
    [2, 3],
    [3, 2],
    [2, 5],
  ].map((groups) => {
    const words: string[] = [];
    let to = digits.length;
    for (const size of groups.toReversed()) {
      words.unshift(digits.slice(to - size, to));
      to -= size;
    }
    return words.join(' ');
  });
  return [...suffixes.flatMap((suffix) => [suffix, `0${suffix}`, `00${suffix}`, `011${suffix}`]), ...parted];
}
