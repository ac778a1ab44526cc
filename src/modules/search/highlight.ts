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
 * The matching words of a text: the whole text when it is short, else at most three fragments around the first matches.
 * It reads the first 20,000 characters and ignores words of more than 100.
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
    // Cut between words, so that no character is split.
    const from = Math.max(match.start - before, last?.end ?? 0);
    const start = words.find((word) => word.start >= from)?.start ?? match.start;
    const end = words.findLast((word) => word.end <= match.start + after)?.end ?? match.end;
    windows.push({ start: Math.min(start, match.start), end: Math.max(end, match.end) });
  }
  return windows.map((window) => fragment(text, window, marked));
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
