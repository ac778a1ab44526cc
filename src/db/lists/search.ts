import { oneSpelling } from '../../lib/text/email.js';
import { bigramsOf, hasWords, lexemesOf, plain, type Unit, unitsOf, withOtherHamza } from '../../lib/text/spelling.js';
import { wordsOf } from '../../lib/text/words.js';
import { raw, type Sql, sql } from '../database.js';
import { type Path, plainText } from './filter.js';

/**
 * What a client looks for, as the full text indexes take it: the words of the query, each of which must be found in one of
 * its spellings. There are no operators; characters other than letters and digits only separate words.
 */
export interface SearchQuery {
  /** As it was sent, without blanks around it. */
  text: string;
  /** Empty when the text has no letter or digit: nothing matches it. */
  terms: readonly Term[];
  /** Without signs, in lower case: what stands for some words of the query. */
  spellings: readonly string[];
  /** Matches rows that hold each word as it is. */
  whole: Sql;
  /** Matches rows that hold for each word one that begins with it. */
  begun: Sql;
}

export interface Term {
  /** Without accents and case. */
  folded: string;
  /** False for a word so short that half of all words begin with it: it is only found whole. */
  mayBegin: boolean;
  /** Found anywhere in a run of a script without blanks. */
  isRun?: boolean;
}

export const maxTerms = 32;
const maxTermLength = 200;

/** The weights of the fields in a `search` column: with some, a query looks in these fields alone. */
export type Weights = '' | 'AB';

/**
 * Reads a query. What follows the 32nd word is left out.
 * @throws BAD_USER_INPUT at `path` when it has a NUL or more than 1,000 characters.
 */
export function readQuery(value: string, path: Path, weights: Weights = ''): SearchQuery {
  const text = plainText(value, path).trim();
  const terms: Term[] = [];
  const spelt: string[] = [];
  // What is quoted is letters, digits and marks alone, so nothing in it can be taken for an operator.
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
      // A single character begins the bigrams that it stands first in.
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
      // Of a phone number, which is found by its end, only what was dialled may go on; a wide query is planned badly.
      const dialled = spellings.find((spelling) => !spelling.startsWith('0'));
      const isOpen = (spelling: string): boolean => unit.kind !== 'NUMBER' || spelling === dialled;
      const withWords = hasWords(unit);
      words.whole.push(eitherOf(withWords ? given.map(whole) : [], spellings.map(whole)));
      const either = eitherOf(
        withWords ? given.map((word, index) => (parts[index]?.mayBegin ? begun(word) : whole(word))) : [],
        spellings.map((spelling) => (isOpen(spelling) ? begun(spelling) : whole(spelling))),
      );
      // The planner takes beginnings for common, and said twice for as rare as such numbers are; else it goes through the list.
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

/** Before a number in a link. */
const scheme = /(?<![\p{L}\p{N}])(?:tel|callto|sms):(?=[+(\d])/giu;

/** An address whose domain is stored in its other form. */
const foreignAddress = /[^\s@]+@[^\s@]*[^\s@\p{ASCII}][^\s@]*/gu;

/** Behind a phone number; who is looked for by it may have been written down without. */
const extension = /(?<=\d(?:[ ./()-]{0,3}\d){6,}) *(?:;ext=|(?:ext(?:ension|n)?|x)[.:]? *)\d{1,6}(?![\p{L}\p{N}])/giu;

const unitsIn = (text: string): Unit[] =>
  unitsOf(plain(text.replace(foreignAddress, oneSpelling)).replace(scheme, ' ').replace(extension, ''));

const clipped = (word: string): string => Array.from(word).slice(0, maxTermLength).join('');

/** All words of a unit, or one of its spellings. */
const eitherOf = (words: readonly string[], spellings: readonly string[]): string =>
  `(${[...(words.length > 0 ? [`(${words.join(' & ')})`] : []), ...spellings].join(' | ')})`;

/** Words are folded as those of texts are; runs are stored as they are. A query without either matches nothing. */
function queryOf(words: readonly string[], runs: readonly string[]): Sql {
  const folded = sql`to_tsquery('deskgraph', ${words.join(' & ')})`;
  if (runs.length === 0) return words.length === 0 ? sql`''::tsquery` : folded;
  const exact = sql`${runs.join(' & ')}::tsquery`;
  return words.length === 0 ? exact : sql`(${folded} && ${exact})`;
}

/**
 * Whether the row `r` holds for each word of the query one that begins with it; for `query` in a filter. A blank query asks
 * for nothing, as if it were left out.
 */
export function matchesQuery(value: string, path: Path, weights: Weights = ''): Sql {
  const { text, begun } = readQuery(value, path, weights);
  return text === '' ? raw('true') : sql`r."search" @@ ${begun}`;
}
