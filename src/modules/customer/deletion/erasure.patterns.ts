import { empty, join, type Sql, sql } from '../../../db/database.js';
import type { Identity } from '../../../lib/text/mask.js';
import { nameWords, phoneDigits } from '../../../lib/text/mentions.js';

/** Conditions of the database that are true for every text that names a person, and for few others. */

/** Whether a text may name the person, without an index. */
export function mayName({ emails, names, externalIds, phones }: Identity): (text: Sql) => Sql {
  const words = [...emails, ...externalIds, ...names].map(likePattern);
  const turned = names.flatMap((name) => {
    const parts = nameWords(name);
    return parts.length > 1 ? likePattern([parts.at(-1), ...parts.slice(0, -1)].join(' ')) : [];
  });
  const encoded = [...names, ...externalIds].filter(hasCaseless).map((text) => likePattern(encodeURIComponent(text)));
  const patterns = [...words, ...turned, ...encoded];
  const numbers = phones.map(phoneDigits).filter((digits) => digits.length >= 7);
  // With anything between the digits that a text can have there, such as "%20".
  const number = numbers.map((digits) => Array.from(digits.slice(-7)).join('.{0,12}?')).join('|');
  return (text) =>
    sql`(lower(${text}) LIKE ANY(${patterns}::text[])${number === '' ? empty : sql` OR ${text} ~ ${number}`})`;
}

/** Of letters that have no case, and digits, each must be there; what stands between can be spelt in many ways. */
const likePattern = (text: string): string =>
  `%${text.toLowerCase().replace(/[^a-z0-9\p{Lo}]+/gu, '%')}%`.replace(/%+/g, '%');

const hasCaseless = (text: string): boolean => /\p{Lo}/u.test(text);

/** A query of the search index that finds the texts with the words of a name; null when there is none. */
export function searchQuery({ emails, names, externalIds, phones }: Identity): Sql | null {
  const texts = [
    ...[...emails, ...externalIds, ...names].flatMap((text) => [text, encodeURIComponent(text)]),
    ...phones.flatMap(phoneWords),
  ];
  if (texts.length === 0) return null;
  const queries = [...new Set(texts)].map((text) => sql`plainto_tsquery('deskgraph', "deskgraph_words"(${text}))`);
  return sql`(${join(queries, ' || ')})`;
}

/** The words that spellings of a phone number have: the digits as one, and how people part the last of them. */
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
