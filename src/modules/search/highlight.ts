import type { SearchQuery } from '../../db/lists/search.js';
import { bigramsOf, lexemesOf, plainWithPlaces, type Span, type Unit, unitsOf } from '../../lib/text/spelling.js';
import { fold, type Word, wordsOf } from '../../lib/text/words.js';

/** A part of a text, which matches or not. */
export interface HighlightPart {
  text: string;
  isMatch: boolean;
}

export interface HighlightFragment {
  parts: HighlightPart[];
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
  const { text: normal, given } = plainWithPlaces(text.slice(0, readLength));
  const units = unitsOf(normal);
  const words = units.flatMap(wordsIn);
  const found = words.filter(({ folded, start, end }) => end - start <= wordLength && matches(folded));
  const marked = apart([...found, ...units.flatMap((unit) => spellingsIn(unit, query))].map(given));
  const [first] = marked;
  if (!first) return [];
  if (text.length <= wholeLength) return [fragment(text, { start: 0, end: text.length }, marked)];

  const borders = words.map(given);
  const windows: Span[] = [];
  for (const match of marked) {
    const last = windows.at(-1);
    if (last && match.end <= last.end) continue;
    if (windows.length === maxFragments) break;
    // Cut between words, so that no character is split.
    const from = Math.max(match.start - before, last?.end ?? 0);
    const start = borders.find((word) => word.start >= from)?.start ?? match.start;
    const end = borders.findLast((word) => word.end <= match.start + after)?.end ?? match.end;
    windows.push({ start: Math.min(start, match.start), end: Math.max(end, match.end) });
  }
  return windows.map((window) => fragment(text, window, marked));
}

/** The words of a unit, by their places in the text. */
const wordsIn = (unit: Unit): Word[] =>
  wordsOf(unit.text).map((word) => ({ ...word, start: unit.start + word.start, end: unit.start + word.end }));

/** Where a unit has a spelling of the query, or a part of a run. */
function spellingsIn(unit: Unit, { terms, spellings }: Pick<SearchQuery, 'terms' | 'spellings'>): Span[] {
  if (unit.kind === 'RUN') return terms.flatMap(({ folded, isRun }) => (isRun ? partsIn(unit, folded) : []));
  if (unit.end - unit.start > wordLength) return [];
  const spelt = spellings.map(fold);
  const begun = terms.flatMap(({ folded, mayBegin, isRun }) => (mayBegin && !isRun ? folded : []));
  const lexemes = partsOf(unit).flatMap(lexemesOf).map(fold);
  const own = fold(unit.text);
  const isSpelling =
    spelt.some((form) => own.startsWith(form)) ||
    [...spelt, ...begun].some((form) =>
      lexemes.some((lexeme) => lexeme.startsWith(form) || (form.length >= 7 && lexeme.endsWith(form))),
    );
  return isSpelling ? [unit] : [];
}

/** A compound, and the parts of it that are compounds by themselves, as those of a path are. */
function partsOf(unit: Unit): Unit[] {
  const parts = unit.kind === 'COMPOUND' ? unit.text.split(/[._/]/u) : [];
  return parts.length > 1 ? [unit, ...parts.map((text) => ({ ...unit, text }))] : [unit];
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
