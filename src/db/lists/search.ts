import { badInput } from '../../errors.js';
import { wordsOf } from '../../lib/text/words.js';
import { type Sql, sql } from '../database.js';
import { type Path, plainText } from './filter.js';

/**
 * What a client looks for, as the full text indexes take it: the words of the query, each of which must be found. There
 * are no operators; whatever is no letter or digit only parts words.
 */
export interface SearchQuery {
  /** As it was sent, without blanks around it. */
  text: string;
  terms: readonly Term[];
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
}

export const maxTerms = 32;
const maxTermLength = 200;

/**
 * Reads a query.
 * @throws BAD_USER_INPUT at `path` when it has a NUL, more than 1,000 characters, no letter or digit, or more than 32 words.
 */
export function readQuery(value: string, path: Path): SearchQuery {
  const text = plainText(value, path).trim();
  const normal = text.normalize('NFC');
  const words = wordsOf(normal);
  if (words.length === 0) throw badInput(path, 'A search needs at least one letter or digit.');
  if (words.length > maxTerms) throw badInput(path, `A search has at most ${maxTerms} words.`);
  const terms = words.map(({ folded, start, end }) => {
    const word = Array.from(normal.slice(start, end)).slice(0, maxTermLength).join('');
    return { word, folded, mayBegin: word.length > 1 || wordless.test(word) };
  });
  // The words are letters, digits and marks alone, so nothing in them can be taken for an operator.
  return {
    text,
    terms,
    whole: query(terms.map(({ word }) => `'${word}'`)),
    begun: query(terms.map(({ word, mayBegin }) => (mayBegin ? `'${word}':*` : `'${word}'`))),
  };
}

/** Scripts that put no blanks between words: what stands there for a word is a phrase, of which one letter says a lot. */
const wordless = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

const query = (operands: readonly string[]): Sql => sql`to_tsquery('deskgraph', ${operands.join(' & ')})`;

/** Whether the row `r` holds for each word of the query one that begins with it; for `query` in a filter. */
export const matchesQuery = (value: string, path: Path): Sql => sql`r."search" @@ ${readQuery(value, path).begun}`;
