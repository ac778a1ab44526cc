import { decodeText } from '../../../../lib/mail/charset.js';
import { mailBounds } from '../../../conversation/message/mail/message.bounds.js';
import { decodedField } from './inbound-email.headers.js';
import { bareHtml } from './inbound-email.html.js';
import { fieldOf, type MailPart, partsOf } from './inbound-email.parts.js';

/** An e-mail that any parser reads rightly. */
export interface ReadableMail {
  raw: Buffer;
  /** Whether text was left out because it is too long. */
  isTruncated: boolean;
  /** The parts as they came. */
  parts: readonly MailPart[];
}

/** Enough for the text and the HTML that a message stores, in the longest encoding. */
const maxPlainBytes = 3 * 1_024 * 1_024;
const maxPlainLines = 30_000;
const maxHtmlBytes = 16 * 1_024 * 1_024;
/** How many characters of text all parts have together. */
const maxCharacters = 2 * (mailBounds.text + mailBounds.html);

/**
 * The e-mail with its headers and texts in UTF-8, whatever charset they were written in, and without text that would not be
 * stored anyway. Files are not changed. Null if it has too many parts, or if its headers are too long.
 */
export function readable(raw: Uint8Array): ReadableMail | null {
  const parts = partsOf(raw);
  if (!parts) return null;
  const charset = parts.map(charsetOf).find((label) => label !== null) ?? null;
  const room = { bytes: maxPlainBytes, lines: maxPlainLines, htmlBytes: maxHtmlBytes, characters: maxCharacters };
  const out: Buffer[] = [];
  let isTruncated = false;
  for (const part of parts) {
    if (part.before) out.push(part.before);
    const kind = kindOf(part);
    const text = kind && textIn(part, kind, room);
    const fields = part.fields.map((field) => ({ ...field, bytes: decodedField(field, charset) }));
    if (text) {
      isTruncated ||= text.isTruncated;
      out.push(...fields.filter(({ name }) => !ownFields.has(name)).flatMap(({ bytes }) => [bytes, lineBreak]));
      out.push(Buffer.from(`Content-Type: ${text.type}\r\nContent-Transfer-Encoding: base64\r\n\r\n`));
      out.push(base64Line(text.text));
    } else {
      out.push(...fields.flatMap(({ bytes }) => [bytes, lineBreak]), lineBreak);
      if (!part.hasParts) out.push(part.body);
    }
    out.push(...part.after);
  }
  return { raw: Buffer.concat(out), isTruncated, parts };
}

const lineBreak = Buffer.from('\r\n');
const ownFields = new Set(['content-type', 'content-transfer-encoding', '']);

/** In one line of base64, which no boundary can be found in. */
const base64Line = (text: string): Buffer => Buffer.from(`${Buffer.from(text).toString('base64')}\r\n`, 'latin1');

type Kind = 'PLAIN' | 'HTML';

/** Whether the part is text that is shown; null for files and parts with parts. */
function kindOf(part: MailPart): Kind | null {
  if (part.hasParts) return null;
  const type = /^"?([^\s;"]*)/.exec(fieldOf(part, 'content-type'))?.[1]?.toLowerCase() ?? '';
  const isFile = /^attachment\b/i.test(fieldOf(part, 'content-disposition'));
  if (
    isFile &&
    !(part.isRoot && /^text\/(?:plain|html)$/.test(type) && !/name/i.test(fieldOf(part, 'content-disposition')))
  ) {
    return null;
  }
  if (type === 'text/html') return 'HTML';
  // A multipart whose boundary is nowhere is what it looks like, and so is a type that is none.
  if (type.startsWith('multipart/'))
    return /<(?:html|body|div|p|table)\b/i.test(part.body.toString('latin1', 0, 4_096)) ? 'HTML' : 'PLAIN';
  if (type === 'text/plain' || !type.includes('/')) return 'PLAIN';
  return part.isRoot && /^text\/(?!calendar|x-?vcard|vcard|csv|directory)/.test(type) ? 'PLAIN' : null;
}

interface Room {
  bytes: number;
  lines: number;
  htmlBytes: number;
  characters: number;
}

interface DecodedText {
  text: string;
  type: string;
  isTruncated: boolean;
}

function textIn(part: MailPart, kind: Kind, room: Room): DecodedText {
  const bounded = kind === 'HTML' ? boundedHtml(part.body, room) : boundedPlain(part.body, room);
  const bytes = transferDecoded(part, bounded);
  const decoded = decodeText(bytes, charsetOf(part), () => (kind === 'HTML' ? charsetInHtml(bytes) : null));
  const text = decoded.replace(/\r\n?/g, '\n');
  const said = kind === 'HTML' && text.length > mailBounds.html ? bareHtml(text) : text;
  const kept = said.slice(0, kind === 'HTML' ? Math.min(room.characters, mailBounds.html) : room.characters);
  room.characters -= kept.length;
  const isTruncated = bounded.length < part.body.length || kept.length < said.length;
  return {
    text: kept,
    type: kind === 'HTML' ? 'text/html; charset=utf-8' : `text/plain; charset=utf-8${flowOf(part)}`,
    isTruncated,
  };
}

function boundedHtml(body: Buffer, room: Room): Buffer {
  const kept = body.subarray(0, Math.max(room.htmlBytes, 0));
  room.htmlBytes -= kept.length;
  return kept;
}

function boundedPlain(body: Buffer, room: Room): Buffer {
  let end = 0;
  const most = Math.min(body.length, Math.max(room.bytes, 0));
  while (end < most && room.lines > 0) {
    const lineEnd = body.indexOf(10, end);
    end = lineEnd === -1 || lineEnd >= most ? most : lineEnd + 1;
    room.lines -= 1;
  }
  room.bytes -= end;
  return body.subarray(0, end);
}

function charsetOf(part: MailPart): string | null {
  const [, quoted, bare] = /[;\s]charset\*?\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(fieldOf(part, 'content-type')) ?? [];
  const label = (quoted ?? bare)?.replace(/^[^']*'[^']*'/, '').trim();
  return label ? label : null;
}

const charsetInHtml = (bytes: Buffer): string | null =>
  /<meta[^>]{0,200}charset\s*=\s*["']?([\w:.-]{1,40})/i.exec(bytes.toString('latin1', 0, 8_192))?.[1] ?? null;

/** The parameters of flowed text (RFC 3676). */
function flowOf(part: MailPart): string {
  const type = fieldOf(part, 'content-type');
  if (!/;\s*format\s*=\s*"?flowed/i.test(type)) return '';
  return /;\s*delsp\s*=\s*"?yes/i.test(type) ? '; format=flowed; delsp=yes' : '; format=flowed';
}

function transferDecoded(part: MailPart, body: Buffer): Buffer {
  const encoding = /[\w-]+/
    .exec(fieldOf(part, 'content-transfer-encoding').replace(/\([^)]*\)/g, ' '))?.[0]
    ?.toLowerCase();
  if (encoding === 'quoted-printable') return unquoted(body);
  if (encoding === 'base64' && looksLikeBase64(body)) return Buffer.from(body.toString('latin1'), 'base64');
  return body;
}

/** A text that says it is base64 and has words in its first line is none. */
const looksLikeBase64 = (body: Buffer): boolean =>
  /^[\w+/=-]*$/.test(/\S[^\r\n]*/.exec(body.toString('latin1', 0, 2_000))?.[0].trim() ?? '');

/** Quoted-printable (RFC 2045, 6.7). What is no valid escape stays as it is. */
function unquoted(body: Buffer): Buffer {
  const out = Buffer.allocUnsafe(body.length);
  let length = 0;
  for (let place = 0; place < body.length; place += 1) {
    const byte = body[place] ?? 0;
    if (byte !== 0x3d) {
      out[length++] = byte;
      continue;
    }
    const value = hexValue(body[place + 1]) * 16 + hexValue(body[place + 2]);
    if (value >= 0) {
      out[length++] = value;
      place += 2;
      continue;
    }
    const next = afterSoftBreak(body, place + 1);
    if (next === null) out[length++] = byte;
    else place = next - 1;
  }
  return out.subarray(0, length);
}

/** Far below zero if it is no hexadecimal digit. */
function hexValue(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1_000;
}

/** Where the next line begins, if only blanks stand before the end of this one. */
function afterSoftBreak(body: Buffer, start: number): number | null {
  let place = start;
  while (place < start + 1_000 && (body[place] === 0x20 || body[place] === 0x09 || body[place] === 13)) place += 1;
  if (place >= body.length) return place;
  return body[place] === 10 ? place + 1 : null;
}
