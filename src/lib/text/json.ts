import { isUtf8 } from 'node:buffer';

const byteOrderMark = '\ufeff';

/**
 * What the JSON of a body says. It is UTF-8 (RFC 8259), and some programs begin it with a byte order mark.
 * @throws SyntaxError for everything else, so that no letter is stored as a replacement character.
 */
export function parseJsonBody(body: Buffer): unknown {
  if (!isUtf8(body)) throw new SyntaxError('The body is not UTF-8.');
  const text = body.toString();
  return JSON.parse(text.startsWith(byteOrderMark) ? text.slice(byteOrderMark.length) : text);
}

/** Whether a body with this Content-Encoding comes as it is; none is unpacked. */
export const isPlain = (contentEncoding: string | null | undefined): boolean =>
  /^(identity)?$/i.test(contentEncoding?.trim() ?? '');
