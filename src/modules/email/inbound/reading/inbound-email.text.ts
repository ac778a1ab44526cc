/** Converts texts of e-mails into a form that can be stored. */
import { fileNameOf } from '../../../../lib/values/file-name.js';

/** The characters of the bytes from 0x80 in windows-1252. */
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/**
 * The text up to `max` characters. NUL is removed and unpaired surrogates are replaced, because PostgreSQL cannot store
 * them. Control characters from 0x80 are replaced by those of windows-1252: they come from e-mails in windows-1252 that
 * declare ISO 8859-1, and in Node before 24 also from those that declare windows-1252.
 */
export const cut = (text: string, max: number): string =>
  (text.length > max ? text.slice(0, max).replace(/[\ud800-\udbff]$/, '') : text)
    .replaceAll('\0', '')
    .replace(/[\u0080-\u009f]/g, (control) => windows1252.charAt(control.charCodeAt(0) - 0x80))
    .replace(/\p{Surrogate}/gu, '\ufffd');

/** The text on one line, of at most `max` characters; null if it is empty. */
export const oneLine = (text: string | null | undefined, max: number): string | null =>
  cut(text ?? '', max)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim() || null;

/** A safe file name; null if there is none. */
export const nameOfFile = (given: string | null | undefined, max: number): string | null =>
  fileNameOf(cut(given ?? '', Number.POSITIVE_INFINITY), max);

/** Whether a text or an HTML document shows nothing. */
export const isBlank = (text: string): boolean => text.replace(/(?:[\s\p{Cf}]|\u034f)+/gu, '') === '';

/** A text of at most `max` characters. Quotes are removed first, so that an answer below a long quote remains. */
export function fitted(text: string, max: number): string {
  if (text.length <= max) return text;
  const unquoted = text
    .split('\n')
    .filter((line) => !/^\s{0,3}[>|]/.test(line))
    .join('\n')
    .replace(/^\n+/, '');
  return (isBlank(unquoted) ? text : unquoted).slice(0, max);
}
