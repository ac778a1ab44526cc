/**
 * Boundaries, the lines that separate the parts of a multipart body (RFC 2046, 5.1.1), as declared and as actually
 * written.
 */

export interface DeclaredBoundary {
  /** Decoded as Latin-1. */
  value: string;
  /** Whether all programs read it in the same way. */
  isUsual: boolean;
}

/** The boundary that a Content-Type value declares; null if it declares none. */
export function boundaryIn(type: string): DeclaredBoundary | null {
  const [, quoted, bare] = /[;\s]boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/i.exec(type) ?? [];
  const given = quoted ?? bare ?? '';
  const value = given.replace(/\\(.)/g, '$1').trimEnd();
  const isUsual = given === value && /^[\w'()+,./:=? -]{1,200}$/.test(value);
  return value === '' ? null : { value, isUsual };
}

/** A longer line is never a delimiter. */
const maxLine = 1_000;

/**
 * The content of the line from `start` to `end` after its two dashes, which may be a boundary; null for any other line.
 * Nothing is allocated for other lines, because an e-mail may have millions of them.
 */
export function dashedIn(mail: Buffer, start: number, end: number): string | null {
  if (mail[start] !== dash || mail[start + 1] !== dash || end - start > maxLine) return null;
  let last = end - 1;
  while (last > start + 1 && (mail[last] === lineFeed || mail[last] === carriageReturn)) last -= 1;
  return last === start + 1 ? '' : mail.toString('latin1', start + 2, last + 1).trimEnd();
}

const [lineFeed, carriageReturn] = [10, 13];
const dash = 45;

/** Whether the line begins another part or ends the last one; null if it has another boundary. */
export function delimits(dashed: string, boundary: string): 'NEXT' | 'LAST' | null {
  if (dashed === boundary) return 'NEXT';
  return dashed.length === boundary.length + 2 && dashed === `${boundary}--` ? 'LAST' : null;
}

/** How much of a body is searched. The first boundary is at its beginning. */
const maxLooked = 16_384;
const maxLines = 100;
const maxBoundary = 200;

/**
 * The boundary that really separates the body that begins at `start`. This is the declared one, unless the body
 * contains no such line and begins with a line of another boundary: some programs declare no boundary or a wrong one.
 * `outer` are the boundaries of the enclosing multiparts.
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
