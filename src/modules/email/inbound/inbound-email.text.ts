/** Texts of mails, brought into a form that can be stored. */

/** What the bytes from 0x80 are in windows-1252. */
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/**
 * The text up to `max` characters. Without NUL and halves of characters, which PostgreSQL does not store, and without
 * the control characters that nobody writes: they are what is left of the euro signs and quotation marks of a mail in
 * windows-1252 where it says ISO 8859-1, and in Node before 24 also where it does not.
 */
export const cut = (text: string, max: number): string =>
  (text.length > max ? text.slice(0, max) : text)
    .replaceAll('\0', '')
    .replace(/[\u0080-\u009f]/g, (control) => windows1252.charAt(control.charCodeAt(0) - 0x80))
    .replace(/\p{Surrogate}/gu, '\ufffd');

/** A text of at most `max` characters on one line; null when nothing is left of it. */
export const oneLine = (text: string | null | undefined, max: number): string | null =>
  cut(text ?? '', max)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim() || null;
