/** Boundaries, the lines that part a multipart body (RFC 2046, 5.1.1), as they are declared and as they are really written. */

export interface DeclaredBoundary {
  /** Read as Latin. */
  value: string;
  /** Whether all programs read it in the same way. */
  isUsual: boolean;
}

/** The boundary that the value of a Content-Type declares; null if it declares none. */
export function boundaryIn(type: string): DeclaredBoundary | null {
  const [, quoted, bare] = /[;\s]boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/i.exec(type) ?? [];
  const given = quoted ?? bare ?? '';
  const value = given.replace(/\\(.)/g, '$1').trimEnd();
  const isUsual = given === value && /^[\w'()+,./:=? -]{1,200}$/.test(value);
  return value === '' ? null : { value, isUsual };
}

/** A longer line delimits nothing. */
const maxLine = 1_000;

/**
 * What stands in the line from `start` to `end` behind its two dashes, which may be a boundary; null in any other line. No
 * piece and no text is made of lines that hold nothing more: a mail may be made of millions of them.
 */
export function dashedIn(mail: Buffer, start: number, end: number): string | null {
  if (mail[start] !== dash || mail[start + 1] !== dash || end - start > maxLine) return null;
  let last = end - 1;
  while (last > start + 1 && (mail[last] === lineFeed || mail[last] === carriageReturn)) last -= 1;
  return last === start + 1 ? '' : mail.toString('latin1', start + 2, last + 1).trimEnd();
}

const [lineFeed, carriageReturn] = [10, 13];
const dash = 45;

/** What such a line says of the boundary: that another part begins, or that the last one ends; null if it is another. */
export function delimits(dashed: string, boundary: string): 'NEXT' | 'LAST' | null {
  if (dashed === boundary) return 'NEXT';
  return dashed.length === boundary.length + 2 && dashed === `${boundary}--` ? 'LAST' : null;
}

/** So much of a body is looked through: the first boundary stands at its beginning. */
const maxLooked = 16_384;
const maxLines = 100;
const maxBoundary = 200;

/**
 * The boundary that parts the body which begins at `start`: the declared one, unless the body has none of its lines and begins
 * with one of another boundary. Some programs declare none, or another one. `outer` are those of the multiparts around it.
 */
export function likelyBoundary(
  mail: Buffer,
  start: number,
  declared: string | null,
  outer: readonly string[],
): string | null {
  const lines = mail.toString('latin1', start, start + maxLooked).split('\n');
  const dashed = [...lines.keys()].filter((place) => lines[place]?.startsWith('--')).slice(0, maxLines);
  let likely: string | null = null;
  for (const place of dashed) {
    const value = lines[place]?.slice(2).trimEnd() ?? '';
    if (declared !== null && delimits(value, declared)) return declared;
    if (outer.some((boundary) => delimits(value, boundary))) break;
    const isFirst = /^content-[\w-]{1,50}:/i.test(lines[place + 1] ?? '');
    if (isFirst && value !== '' && value.length <= maxBoundary) likely ??= value;
  }
  return likely ?? declared;
}
