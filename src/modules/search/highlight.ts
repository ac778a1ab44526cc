import type { SearchQuery } from '../../db/lists/search.js';
import { bigramsOf, lexemesOf, plain, type Unit, unitsOf } from '../../lib/text/spelling.js';
import { wordsOf } from '../../lib/text/words.js';

/** A part of a text, which matches or not. */
export interface HighlightPart {
  text: string;
  isMatch: boolean;
}

export interface HighlightFragment {
  parts: HighlightPart[];
}

interface Span {
  start: number;
  end: number;
}

export const wholeLength = 160;
export const readLength = 20_000;
const wordLength = 100;
const before = 60;
const after = 100;
export const maxFragments = 3;

/**
 * The matching words and spellings in a text: the whole text when it is short, else at most three fragments around the first
 * matches. It reads the first 20,000 characters and ignores words of more than 100.
 */
export function highlight(
  text: string,
  query: Pick<SearchQuery, 'terms' | 'spellings'>,
  matches: (folded: string) => boolean,
): HighlightFragment[] {
  const read = text.slice(0, readLength);
  const words = wordsOf(read);
  const found = words.filter(({ folded, start, end }) => end - start <= wordLength && matches(folded));
  const marked = apart([...found, ...spellingsIn(read, query)]);
  const [first] = marked;
  if (!first) return [];
  if (text.length <= wholeLength) return [fragment(text, { start: 0, end: text.length }, marked)];

  const windows: Span[] = [];
  for (const match of marked) {
    const last = windows.at(-1);
    if (last && match.end <= last.end) continue;
    if (windows.length === maxFragments) break;
    // Cut between words, so that no character is split.
    const from = Math.max(match.start - before, last?.end ?? 0);
    const start = words.find((word) => word.start >= from)?.start ?? match.start;
    const end = words.findLast((word) => word.end <= match.start + after)?.end ?? match.end;
    windows.push({ start: Math.min(start, match.start), end: Math.max(end, match.end) });
  }
  return windows.map((window) => fragment(text, window, marked));
}

/** Where a text has a spelling of the query, or a part of a run. */
function spellingsIn(text: string, { terms, spellings }: Pick<SearchQuery, 'terms' | 'spellings'>): Span[] {
  const runs = terms.filter(({ isRun }) => isRun).map(({ folded }) => folded);
  const forms = [...spellings, ...terms.flatMap(({ folded, mayBegin, isRun }) => (mayBegin && !isRun ? folded : []))];
  // Where a character stands for several, the places in the one are not those in the other.
  const normal = plain(text);
  return unitsOf(normal.length === text.length ? normal : text).flatMap((unit) => {
    if (unit.kind === 'RUN') return runs.flatMap((run) => partsIn(unit, run));
    const lexemes = lexemesOf(unit).map((lexeme) => lexeme.toLowerCase());
    const isSpelling = forms.some((form) =>
      lexemes.some((lexeme) => lexeme.startsWith(form) || (form.length >= 7 && lexeme.endsWith(form))),
    );
    return isSpelling && unit.end - unit.start <= wordLength ? [unit] : [];
  });
}

/** The places of a run within a longer one, or of its bigrams where it is not there as a whole. */
function partsIn({ text, start }: Unit, run: string): Span[] {
  const places = (part: string): Span[] =>
    Array.from(text.matchAll(new RegExp(part, 'gu')), ({ index }) => ({
      start: start + index,
      end: start + index + part.length,
    }));
  const whole = places(run);
  return whole.length > 0 ? whole : bigramsOf(run).flatMap(places);
}

/** The spans in their order; those that meet or overlap are one. */
function apart(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const { start, end } of [...spans].sort((one, other) => one.start - other.start)) {
    const last = joined.at(-1);
    if (last && start < last.end) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  return joined;
}

function fragment(text: string, { start, end }: Span, marked: readonly Span[]): HighlightFragment {
  const parts: HighlightPart[] = [];
  const add = (from: number, to: number, isMatch: boolean) => {
    if (to > from) parts.push({ text: text.slice(from, to), isMatch });
  };
  let position = start;
  for (const span of marked.filter((one) => one.start >= start && one.end <= end)) {
    add(position, span.start, false);
    add(span.start, span.end, true);
    position = span.end;
  }
  add(position, end, false);
  return { parts };
}
