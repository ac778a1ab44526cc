import { isUtf8 } from 'node:buffer';
import { requireExactJson } from './exact-json.js';

const byteOrderMark = '\ufeff';

/** Limits on JSON. JSON that nests deeper or has more values is refused before it is parsed. */
export interface JsonBounds {
  /** Lists and objects within each other. */
  depth: number;
  /** Lists, objects, and elements and members of both. */
  values: number;
}

/** JSON beyond its limits. The message continues after the name of what contains it: "must nest at most 30 deep". */
export class ExcessiveJson extends Error {
  override readonly name = 'ExcessiveJson';
}

/**
 * The time to parse depends on values more than on bytes, and objects take longest. This many values take about 10 ms.
 */
export const maxJsonValues = 50_000;

/**
 * Parses the JSON of a body. It must be UTF-8 (RFC 8259), with or without a byte order mark.
 * @throws SyntaxError for anything else, so that no character is stored as a replacement character; ExcessiveJson,
 * InexactJson.
 */
export function parseJsonBody(body: Buffer, bounds: JsonBounds): unknown {
  if (!isUtf8(body)) throw new SyntaxError('The body is not UTF-8.');
  requireJsonWithin(body, bounds);
  requireExactJson(body);
  const text = body.toString();
  return JSON.parse(text.startsWith(byteOrderMark) ? text.slice(byteOrderMark.length) : text);
}

/**
 * Counts values in the bytes of JSON, valid or not, and stops at the first one that is too many.
 * @throws ExcessiveJson
 */
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

/** Whether the Content-Encoding header says that the body is not compressed. Compressed bodies are not supported. */
export const isPlain = (contentEncoding: string | null | undefined): boolean =>
  /^(identity)?$/i.test(contentEncoding?.trim() ?? '');
