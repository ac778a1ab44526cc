import { decodeText } from '../../../../lib/mail/charset.js';
import type { HeaderField } from './inbound-email.parts.js';

/** Header fields in UTF-8: their raw bytes, and their encoded words (RFC 2047) of any charset. */

/** The field in UTF-8. Encoded words stay encoded, so that a comma in one does not separate addresses. */
export function decodedField({ bytes }: HeaderField, charset: string | null): Buffer {
  const line = decodeText(bytes, charset);
  const decoded = line.includes('=?') ? rewrittenWords(line) : line;
  return Buffer.from(decoded.replaceAll('\0', '').replace(/[\r\n]+/g, ' '));
}

const encodedWord = /=\?([^?\s]{1,60})\?([QqBb])\?([^?]*)\?=/g;

interface Run {
  start: number;
  end: number;
  charset: string;
  bytes: Buffer[];
}

/**
 * Joins each run of adjacent words of one charset into one word in UTF-8, because a character may begin in one word and
 * end in the next.
 */
function rewrittenWords(line: string): string {
  const runs: Run[] = [];
  for (const match of line.matchAll(encodedWord)) {
    const [word, label = '', encoding = '', content = ''] = match;
    const charset = label.replace(/\*.*$/, '').toLowerCase();
    const bytes = encoding.toUpperCase() === 'B' ? Buffer.from(content, 'base64') : unquotedWord(content);
    const last = runs.at(-1);
    if (last && last.charset === charset && isFolding(line, last.end, match.index)) {
      last.bytes.push(bytes);
      last.end = match.index + word.length;
    } else runs.push({ start: match.index, end: match.index + word.length, charset, bytes: [bytes] });
  }
  let out = '';
  let from = 0;
  for (const { start, end, charset, bytes } of runs) {
    out += line.slice(from, start);
    out += `=?utf-8?B?${Buffer.from(decodeText(Buffer.concat(bytes), charset)).toString('base64')}?=`;
    from = end;
  }
  return out + line.slice(from);
}

const isFolding = (line: string, start: number, end: number): boolean => /^[ \t]*$/.test(line.slice(start, end));

const unquotedWord = (content: string): Buffer =>
  Buffer.from(
    Buffer.from(content.replaceAll('_', ' '))
      .toString('latin1')
      .replace(/=([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
