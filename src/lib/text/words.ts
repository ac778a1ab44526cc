import { plain } from './spelling.js';

/** Words as a search sees them: without accents and case, separated by everything except letters, digits and marks. */

/** A word of a text, and its position. */
export interface Word {
  /** The word without accents and case. */
  folded: string;
  start: number;
  end: number;
}

const wordForm = /[\p{L}\p{N}\p{M}]+/gu;

export function wordsOf(text: string): Word[] {
  return Array.from(text.matchAll(wordForm), ({ 0: word, index }) => ({
    folded: fold(word),
    start: index,
    end: index + word.length,
  }));
}

/** Letters that do not decompose into a base and a mark, as in the database's dictionary. */
const undecomposed =
  'ßss æae œoe øo ðd đd łl þth ıi ħh ŧt ŋn ĸq ƀb ɓb ƈc ɖd ɗd ƌd ɛe ƒf ɠg ǥg ɦh ɨi ɩi ƙk ƚl ɫl ɬl ɲn ƞn ƥp ɽr ʂs ƭt ʈt ʉu ʋv ƴy ɏy ƶz ȥz';
const ligatures: ReadonlyMap<string, string> = new Map(
  undecomposed.split(' ').map((pair) => [pair.slice(0, 1), pair.slice(1)]),
);
const undecomposedLetter = new RegExp(`[${[...ligatures.keys()].join('')}]`, 'gu');

/** Marks that are essential in other scripts stay. */
export const fold = (word: string): string => (/^[a-z0-9]*$/i.test(word) ? word.toLowerCase() : foldAny(word));

const foldAny = (word: string): string =>
  plain(word)
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f\u20d0-\u20ff]+/g, '')
    .replace(undecomposedLetter, (letter) => ligatures.get(letter) ?? letter)
    .normalize('NFC');

/** The number of typing errors that are tolerated in a word: none below four letters, one below eight, else two. */
export const forgiven = (word: string): number => (word.length < 4 ? 0 : word.length < 8 ? 1 : 2);

/**
 * The number of typing errors between two words, up to `most`; `most + 1` when there are more. One error is an
 * additional, missing or wrong letter, or two adjacent letters exchanged.
 */
export function mistypings(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const wrong = one[i - 1] === other[j - 1] ? 0 : 1;
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + wrong);
      const exchanged = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (exchanged) least = Math.min(least, at(beforeLast, j - 2) + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return Math.min(at(last, other.length), most + 1);
}

const at = (row: readonly number[], place: number): number => row[place] ?? Number.POSITIVE_INFINITY;
