import { oneSpelling } from '../../lib/text/email.js';
import { bigramsOf, hasWords, lexemesOf, plain, type Unit, unitsOf, withOtherHamza } from '../../lib/text/spelling.js';
import { wordsOf } from '../../lib/text/words.js';
import { raw, type Sql, sql } from '../database.js';
import { type Path, plainText } from './filter.js';

/**
 * A search query for the full text indexes: words, each of which must be found in one of its spellings. There are no
 * operators. Characters other than letters and digits only separate words.
 */
export interface SearchQuery {
  /** The text as it was sent, trimmed. */
  text: string;
  /** Empty when the text has no letters or digits. Such a query matches nothing. */
  terms: readonly Term[];
  /** Other spellings of parts of the query, without signs and in lower case. */
  spellings: readonly string[];
  /** Matches rows that contain every word as it is. */
  whole: Sql;
  /** Matches rows that contain, for every word, a word that begins with it. */
  begun: Sql;
}

export interface Term {
  /** Without accents and case. */
  folded: string;
  /** False for a word so short that half of all words begin with it. It is only found as a whole word. */
  mayBegin: boolean;
  /** Found anywhere in text of a script without blanks. */
  isRun?: boolean;
}

export const maxTerms = 32;
const maxTermLength = 200;

/** The weights of the fields in a `search` column. With weights, a query searches only these fields. */
export type Weights = '' | 'AB';

/**
 * Parses a query. Words after the 32nd are ignored.
 * @throws BAD_USER_INPUT at `path` for NUL or more than 1,000 characters.
 */
export function readQuery(value: string, path: Path, weights: Weights = ''): SearchQuery {
  const text = plainText(value, path).trim();
  const terms: Term[] = [];
  const spelt: string[] = [];
  // Only letters, digits and marks are quoted, so nothing can be taken for an operator.
  const whole = (lexeme: string): string => `'${lexeme}'${weights && `:${weights}`}`;
  const begun = (lexeme: string): string => `'${lexeme}':*${weights}`;
  const words = { whole: [] as string[], begun: [] as string[] };
  const runs = { whole: [] as string[], begun: [] as string[] };
  const otherwise = unitsIn(withOtherHamza(text));
  for (const [place, unit] of unitsIn(text).entries()) {
    if (terms.length >= maxTerms) break;
    if (unit.kind === 'RUN') {
      const run = clipped(unit.text);
      const bigrams = bigramsOf(run);
      terms.push({ folded: run, mayBegin: true, isRun: true });
      runs.whole.push(`(${bigrams.map(whole).join(' <-> ')})`);
      // A single character matches the bigrams that begin with it.
      runs.begun.push(bigrams.map(bigrams.length === 1 ? begun : whole).join(' & '));
    } else {
      const found = wordsOf(unit.text).slice(0, maxTerms - terms.length);
      const other = otherwise[place]?.text;
      const hamza = other === undefined || other === unit.text ? [] : [other];
      const spellings = [...lexemesOf(unit), ...hamza].map(clipped);
      const parts = found.map(({ folded, start, end }) => ({ folded, mayBegin: end - start > 1 }));
      terms.push(...parts);
      spelt.push(...spellings.map((spelling) => spelling.toLowerCase()));
      const given = found.map(({ start, end }) => clipped(unit.text.slice(start, end)));
      // Stored numbers are found by their last digits. Only the dialled form may match as a prefix, because the planner
      // handles broad queries badly.
      const dialled = spellings.find((spelling) => !spelling.startsWith('0'));
      const isOpen = (spelling: string): boolean => unit.kind !== 'NUMBER' || spelling === dialled;
      const withWords = hasWords(unit);
      words.whole.push(eitherOf(withWords ? given.map(whole) : [], spellings.map(whole)));
      const either = eitherOf(
        withWords ? given.map((word, index) => (parts[index]?.mayBegin ? begun(word) : whole(word))) : [],
        spellings.map((spelling) => (isOpen(spelling) ? begun(spelling) : whole(spelling))),
      );
      // The planner assumes that prefixes are common and would scan the list. Repeating the condition makes it expect
      // few rows, as is right for such numbers.
      words.begun.push(...(unit.kind === 'NUMBER' ? [either, either] : [either]));
    }
  }
  return {
    text,
    terms,
    spellings: spelt,
    whole: queryOf(words.whole, runs.whole),
    begun: queryOf(words.begun, runs.begun),
  };
}

/** The scheme before a number in a link. */
const scheme = /(?<![\p{L}\p{N}])(?:tel|callto|sms):(?=[+(\d])/giu;

/** An address with a non-ASCII domain, which is stored in its ASCII form. */
const foreignAddress = /[^\s@]+@[^\s@]*[^\s@\p{ASCII}][^\s@]*/gu;

/** The extension of a phone number. It is ignored, because the stored number may lack it. */
const extension = /(?<=\d(?:[ ./()-]{0,3}\d){6,}) *(?:;ext=|(?:ext(?:ension|n)?|x)[.:]? *)\d{1,6}(?![\p{L}\p{N}])/giu;

const unitsIn = (text: string): Unit[] =>
  unitsOf(plain(text.replace(foreignAddress, oneSpelling)).replace(scheme, ' ').replace(extension, ''));

const clipped = (word: string): string => Array.from(word).slice(0, maxTermLength).join('');

/** All words of a unit, or one of its spellings. */
const eitherOf = (words: readonly string[], spellings: readonly string[]): string =>
  `(${[...(words.length > 0 ? [`(${words.join(' & ')})`] : []), ...spellings].join(' | ')})`;

/** Words are folded like those of texts; runs are stored unchanged. A query without words and runs matches nothing. */
function queryOf(words: readonly string[], runs: readonly string[]): Sql {
  const folded = sql`to_tsquery('deskgraph', ${words.join(' & ')})`;
  if (runs.length === 0) return words.length === 0 ? sql`''::tsquery` : folded;
  const exact = sql`${runs.join(' & ')}::tsquery`;
  return words.length === 0 ? exact : sql`(${folded} && ${exact})`;
}

/**
 * The condition that row `r` has, for every word of the query, a word that begins with it; for `query` in a filter. A
 * blank query is ignored.
 */
export function matchesQuery(value: string, path: Path, weights: Weights = ''): Sql {
  const { text, begun } = readQuery(value, path, weights);
  return text === '' ? raw('true') : sql`r."search" @@ ${begun}`;
}
