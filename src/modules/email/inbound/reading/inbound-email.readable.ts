import { decodeText } from '../../../../lib/mail/charset.js';
import { textOfEnriched } from '../../../../lib/mail/enriched.js';
import { textOfFlowed } from '../../../../lib/mail/flowed.js';
import { transferDecoded } from '../../../../lib/mail/transfer.js';
import { mailBounds } from '../../../conversation/message/mail/message.bounds.js';
import { decodedField } from './inbound-email.headers.js';
import { bareHtml, withoutQuotes } from './inbound-email.html.js';
import { fieldOf, type HeaderField, type MailPart, partsOf } from './inbound-email.parts.js';

/** An e-mail rewritten so that every parser reads it correctly and quickly. */
export interface ReadableMail {
  /** Each file is replaced by one line: see `fileMark`. */
  raw: Buffer;
  /** The parts that are files, in the order of their marks. */
  files: readonly MailPart[];
  /** Whether text was left out because it is too long. */
  isTruncated: boolean;
  /** The parts as they were received. */
  parts: readonly MailPart[];
}

/** Enough for the text and the HTML that a message stores, in the longest encoding. */
const maxPlainBytes = 3 * 1_024 * 1_024;
const maxPlainLines = 30_000;
const maxHtmlBytes = 16 * 1_024 * 1_024;
/** The maximum number of characters of text in all parts together. */
const maxCharacters = 2 * (mailBounds.text + mailBounds.html);

/**
 * The e-mail with headers and texts in UTF-8, whatever their charset was. Text beyond the storage limit and the
 * contents of files are left out, because a parser would read them line by line. Null if the e-mail has too many parts
 * or its headers are too long.
 */
export function readable(raw: Uint8Array): ReadableMail | null {
  const parts = partsOf(raw);
  if (!parts) return null;
  const firstLeaf = parts.find(({ hasParts }) => !hasParts);
  const hasText = parts.some((part) => kindOf(part, firstLeaf, true) !== null);
  const charset = parts.map(charsetOf).find((label) => label !== null) ?? null;
  const room = { bytes: maxPlainBytes, lines: maxPlainLines, htmlBytes: maxHtmlBytes, characters: maxCharacters };
  const out: Buffer[] = [];
  const files: MailPart[] = [];
  let isTruncated = false;
  for (const part of parts) {
    if (part.before) out.push(part.before);
    const kind = kindOf(part, firstLeaf, hasText);
    const text = kind && textIn(part, kind, room);
    const fields = part.fields.map((field) => ({ ...field, bytes: decodedField(field, charset) }));
    if (text) {
      isTruncated ||= text.isTruncated;
      out.push(...fields.filter(({ name }) => !ownFields.has(name)).flatMap(({ bytes }) => [bytes, lineBreak]));
      out.push(Buffer.from(`Content-Type: ${text.type}\r\nContent-Transfer-Encoding: base64\r\n\r\n`));
      out.push(base64Line(text.text));
    } else if (part.hasParts) {
      out.push(...fields.flatMap(({ bytes }) => [bytes, lineBreak]), lineBreak);
    } else {
      out.push(...fields.filter(({ name }) => !fieldsOfFile.has(name)).flatMap(({ bytes }) => [bytes, lineBreak]));
      out.push(...dispositionOf(fields), Buffer.from(`\r\n\r\n${fileMark(files.length)}\r\n`));
      files.push(part);
    }
    out.push(...part.after);
  }
  return { raw: Buffer.concat(out), files, isTruncated, parts };
}

/** The placeholder for a file in the e-mail. */
const fileMark = (place: number): string => `file ${place}`;
const fileMarked = /^file (\d{1,4})\s*$/;

/** The position in `files`, if the content is such a placeholder; else null. */
export const placeOfFile = (content: string): number | null => {
  const [, place] = fileMarked.exec(content) ?? [];
  return place === undefined ? null : Number(place);
};

const lineBreak = Buffer.from('\r\n');
const ownFields = new Set(['content-type', 'content-transfer-encoding', '']);
const fieldsOfFile = new Set(['content-disposition', 'content-transfer-encoding', '']);

/** Marks the part as a file and keeps its name, if it has one, so that no parser takes it for text. */
function dispositionOf(fields: readonly HeaderField[]): Buffer[] {
  const given = fields.find(({ name }) => name === 'content-disposition')?.bytes;
  const parameters = given?.indexOf(';') ?? -1;
  const begin = Buffer.from('Content-Disposition: attachment');
  return given && parameters >= 0 ? [begin, given.subarray(parameters)] : [begin];
}

/** One line of base64, which cannot contain a boundary. */
const base64Line = (text: string): Buffer => Buffer.from(`${Buffer.from(text).toString('base64')}\r\n`, 'latin1');

type Kind = 'PLAIN' | 'HTML';

/**
 * How a text part is shown; null for files and for multipart parts. Text with a name is a file, unless it is the first
 * part or an alternative of the first. Other kinds of text are shown only if there is no plain text or HTML.
 */
function kindOf(part: MailPart, firstLeaf: MailPart | undefined, hasText: boolean): Kind | null {
  if (part.hasParts) return null;
  const type = typeOf(part);
  const isText = /^text\/(?:plain|html)$/.test(type);
  if (/^attachment\b/i.test(fieldOf(part, 'content-disposition')) && !(part.isRoot && isText && !isNamed(part)))
    return null;
  const isFurther = part !== firstLeaf && part.parent && typeOf(part.parent) !== 'multipart/alternative';
  if (isText && isFurther && isNamed(part)) return null;
  if (type === 'text/html') return 'HTML';
  // A multipart part without its boundary, or a part with an invalid type, is classified by its content.
  if (type.startsWith('multipart/'))
    return /<(?:html|body|div|p|table)\b/i.test(part.body.toString('latin1', 0, 4_096)) ? 'HTML' : 'PLAIN';
  if (type === 'text/plain' || type === 'plain/text' || !type.includes('/')) return 'PLAIN';
  const isShown = /^text\/(?!calendar|x-?vcard|vcard|csv|directory|rtf)/.test(type);
  return isShown && (part.isRoot || (!hasText && !isNamed(part))) ? 'PLAIN' : null;
}

const typeOf = (part: MailPart): string =>
  /^"?([^\s;"]*)/.exec(fieldOf(part, 'content-type'))?.[1]?.toLowerCase() ?? '';

/** Whether the part has a file name. */
const isNamed = (part: MailPart): boolean =>
  /;\s*filename/i.test(fieldOf(part, 'content-disposition')) || /;\s*name/i.test(fieldOf(part, 'content-type'));

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
  const bytes = transferDecoded(fieldOf(part, 'content-transfer-encoding'), bounded);
  const decoded = decodeText(bytes, charsetOf(part), () => (kind === 'HTML' ? charsetInHtml(bytes) : null));
  const written = decoded.replace(/\r+\n|\r/g, '\n');
  const text = kind === 'PLAIN' ? plainTextOf(part, written) : written;
  const bare = kind === 'HTML' && text.length > mailBounds.html ? bareHtml(text) : text;
  const said = kind === 'HTML' && bare.length > mailBounds.html ? withoutQuotes(bare) : bare;
  const kept = said.slice(0, kind === 'HTML' ? Math.min(room.characters, mailBounds.html) : room.characters);
  room.characters -= kept.length;
  const isTruncated = bounded.length < part.body.length || kept.length < bare.length;
  return {
    text: kept,
    type: kind === 'HTML' ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8',
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

/** Plain text without markup such as text/enriched, or with the lines joined again that were wrapped for sending. */
function plainTextOf(part: MailPart, text: string): string {
  if (/^text\/(?:enriched|richtext)$/.test(typeOf(part))) return textOfEnriched(text);
  const type = fieldOf(part, 'content-type');
  if (!/;\s*format\s*=\s*"?flowed/i.test(type)) return text;
  return textOfFlowed(text, /;\s*delsp\s*=\s*"?yes/i.test(type));
}
