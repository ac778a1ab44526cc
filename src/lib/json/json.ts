import { isUtf8 } from 'node:buffer';
import { requireExactJson } from './exact-json.js';

const byteOrderMark = '\ufeff';

/** How much JSON is read: what nests deeper or holds more values is refused before anything is made of it. */
export interface JsonBounds {
  /** Lists and objects within each other. */
  depth: number;
  /** Lists, objects, and elements and members of both. */
  values: number;
}

/** JSON beyond its bounds. The message goes on from whatever holds it: "must nest at most 30 deep". */
export class ExcessiveJson extends Error {
  override readonly name = 'ExcessiveJson';
}

/** Parsing takes longer by value than by byte, and objects longest: this many take some 10 ms. */
export const maxJsonValues = 50_000;

/**
 * What the JSON of a body says. It is UTF-8 (RFC 8259), and some programs begin it with a byte order mark.
 * @throws SyntaxError for everything else, so that no letter is stored as a replacement character; ExcessiveJson,
 * InexactJson.
 */
export function parseJsonBody(body: Buffer, bounds: JsonBounds): unknown {
  if (!isUtf8(body)) throw new SyntaxError('The body is not UTF-8.');
  requireJsonWithin(body, bounds);
  requireExactJson(body);
  const text = body.toString();
  return JSON.parse(text.startsWith(byteOrderMark) ? text.slice(byteOrderMark.length) : text);
}

/** Counts in the bytes of JSON, valid or not, and ends at the first value that is too many. @throws ExcessiveJson */
export function requireJsonWithin(json: Buffer, { depth: maxDepth, values: maxValues }: JsonBounds): void {
  let depth = 0;
  let values = 0;
  let isInText = false;
  for (let place = 0; place < json.length; place += 1) {
    const byte = json[place];
    if (isInText) {
      if (byte === backslash) place += 1;
      else if (byte === quote) isInText = false;
    } else if (byte === quote) isInText = true;
    else if (byte === comma) values += 1;
    else if (byte === listEnd || byte === objectEnd) depth -= 1;
    else if (byte === listBegin || byte === objectBegin) {
      values += 1;
      depth += 1;
      if (depth > maxDepth) throw new ExcessiveJson(`must nest at most ${maxDepth} deep`);
    }
    if (values > maxValues) throw new ExcessiveJson(`must hold at most ${maxValues} values`);
  }
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [listBegin, listEnd, objectBegin, objectEnd] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Whether a body with this Content-Encoding comes as it is; none is unpacked. */
export const isPlain = (contentEncoding: string | null | undefined): boolean =>
  /^(identity)?$/i.test(contentEncoding?.trim() ?? '');
