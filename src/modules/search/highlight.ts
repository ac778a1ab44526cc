import { wordsOf } from '../../lib/text/words.js';

/** A piece of a text: plain text, whole words marked or not. */
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

const wholeLength = 160;
const readLength = 20_000;
const wordLength = 100;
const before = 60;
const behind = 100;
const maxFragments = 3;

/**
 * Where the words of a text match: the whole text when it is short, else at most three fragments around the first
 * matches. Reads the first 20,000 characters and passes over words of more than 100.
 */
export function highlight(text: string, matches: (folded: string) => boolean): HighlightFragment[] {
  const words = wordsOf(text.slice(0, readLength));
  const marked = words.filter(({ folded, start, end }) => end - start <= wordLength && matches(folded));
  const [first] = marked;
  if (!first) return [];
  if (text.length <= wholeLength) return [fragment(text, { start: 0, end: text.length }, marked)];

  const windows: Span[] = [];
  for (const match of marked) {
    const last = windows.at(-1);
    if (last && match.end <= last.end) continue;
    if (windows.length === maxFragments) break;
    // Cut between words, so that no character is taken apart.
    const from = Math.max(match.start - before, last?.end ?? 0);
    const start = words.find((word) => word.start >= from)?.start ?? match.start;
    const end = words.findLast((word) => word.end <= match.start + behind)?.end ?? match.end;
    windows.push({ start: Math.min(start, match.start), end: Math.max(end, match.end) });
  }
  return windows.map((window) => fragment(text, window, marked));
}

function fragment(text: string, { start, end }: Span, marked: readonly Span[]): HighlightFragment {
  const parts: HighlightPart[] = [];
  const add = (from: number, to: number, isMatch: boolean) => {
    if (to > from) parts.push({ text: text.slice(from, to), isMatch });
  };
  let place = start;
  for (const span of marked.filter((one) => one.start >= start && one.end <= end)) {
    add(place, span.start, false);
    add(span.start, span.end, true);
    place = span.end;
  }
  add(place, end, false);
  return { parts };
}
