import { boundaryIn, dashedIn, delimits, likelyBoundary } from '../../../../lib/mail/boundary.js';

/** Finds the parts of a raw e-mail (RFC 2046), so that each can be decoded. The bytes are only scanned. */

/** A part. A multipart part has no body: the text around its parts is not content. */
export interface MailPart {
  fields: readonly HeaderField[];
  body: Buffer;
  isRoot: boolean;
  /** The enclosing multipart part; null for the root. */
  parent: MailPart | null;
  /** Whether it is a multipart part whose parts were found. */
  hasParts: boolean;
  /** The lines that delimit parts before and after this one. */
  before: Buffer | null;
  after: Buffer[];
}

/** A header field without its line breaks, as bytes. */
export interface HeaderField {
  /** In lower case. */
  name: string;
  bytes: Buffer;
}

const maxParts = 1_000;
/** How much of a header is searched for its boundary. */
const maxHeaderBytes = 512 * 1_024;
/** No parser supports deeper nesting. */
const maxNesting = 50;
const lineFeed = 10;

interface Boundary {
  value: string;
  /** The boundary to write. It differs from `value` when parsers would read the original boundary in different ways. */
  name: string;
  part: MailPart;
}

/** The parts in their order; null if there are more than `maxParts`, if they are nested deeper than `maxNesting`, or if the headers have more than `maxHeaderBytes`. */
export function partsOf(raw: Uint8Array): MailPart[] | null {
  const mail = withoutJunk(withLineFeeds(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)));
  const parts: MailPart[] = [];
  const boundaries: Boundary[] = [];
  let headerBytes = 0;
  let open: { part: MailPart; headStart: number; bodyStart: number | null } | null = null;

  const begin = (start: number, boundary: Boundary | null): void => {
    const part: MailPart = {
      fields: [],
      body: mail.subarray(0, 0),
      isRoot: parts.length === 0,
      parent: boundary?.part ?? null,
      hasParts: false,
      before: boundary && Buffer.from(`--${boundary.name}\r\n`, 'latin1'),
      after: [],
    };
    parts.push(part);
    open = { part, headStart: start, bodyStart: null };
  };
  const readHead = (end: number, bodyStart: number): void => {
    if (!open) return;
    const head = mail.subarray(open.headStart, end);
    headerBytes += head.length;
    if (headerBytes > maxHeaderBytes) return;
    const { fields, length } = fieldsOf(head);
    open.part.fields = fields;
    open.bodyStart = length < head.length ? open.headStart + length : bodyStart;
    const type = fieldOf(open.part, 'content-type');
    if (!/^"?multipart\//i.test(type)) return;
    const declared = boundaryIn(type);
    const outer = boundaries.map(({ value }) => value);
    const value = likelyBoundary(mail, open.bodyStart, declared?.value ?? null, outer);
    if (value === null) return;
    const isAsDeclared = declared?.isUsual === true && value === declared.value;
    const name = isAsDeclared ? value : `part-${parts.length}`;
    boundaries.push({ value, name, part: open.part });
    if (!isAsDeclared) open.part.fields = withBoundary(open.part.fields, type, name);
  };
  const finish = (end: number): void => {
    if (!open) return;
    if (open.bodyStart === null) readHead(end, end);
    open.part.body = mail.subarray(open.bodyStart ?? end, end);
    open = null;
  };

  begin(0, null);
  for (let start = 0, end = 0; start < mail.length; start = end) {
    const lineEnd = mail.indexOf(lineFeed, start);
    end = lineEnd === -1 ? mail.length : lineEnd + 1;
    const dashed = dashedIn(mail, start, end);
    const at = open as { headStart: number; bodyStart: number | null } | null;
    if (at?.bodyStart === null && (isBlank(mail, start, end) || (dashed !== null && !dashed.includes(': ')))) {
      // Some programs write no blank line between the header and the first boundary.
      readHead(start, dashed === null ? end : start);
      if (headerBytes > maxHeaderBytes) return null;
    }
    if (dashed && boundaries.length > 0) {
      const place = boundaries.findLastIndex(({ value }) => delimits(dashed, value) !== null);
      const boundary = boundaries[place];
      if (boundary) {
        finish(start);
        boundaries.length = place + 1;
        const last = parts.at(-1);
        if (delimits(dashed, boundary.value) === 'LAST') {
          boundaries.length = place;
          last?.after.push(Buffer.from(`--${boundary.name}--\r\n`, 'latin1'));
        } else {
          boundary.part.hasParts = true;
          begin(end, boundary);
        }
        if (parts.length > maxParts || boundaries.length > maxNesting) return null;
      }
    }
  }
  finish(mail.length);
  return headerBytes > maxHeaderBytes ? null : parts;
}

/** Programs for old computers end lines with CR alone. */
function withLineFeeds(mail: Buffer): Buffer {
  const head = mail.subarray(0, maxHeaderBytes);
  if (head.includes(lineFeed) || !head.includes(13)) return mail;
  return Buffer.from(mail.map((byte) => (byte === 13 ? lineFeed : byte)));
}

/**
 * Bytes that a broken program puts before the first header: byte order marks, blank lines, the separator of a mailbox
 * file.
 */
function withoutJunk(mail: Buffer): Buffer {
  const head = mail.toString('latin1', 0, 1_000);
  const [junk = ''] = /^(?:\xef\xbb\xbf|[\s\0])*(?:>?From [^\r\n:]*\d\d:\d\d[^\r\n]*\r?\n)?/.exec(head) ?? [];
  return mail.subarray(junk.length);
}

const isBlank = (mail: Buffer, start: number, end: number): boolean =>
  end === start || (end - start <= 3 && withoutBreak(mail.subarray(start, end)).length === 0);

/** The header fields and where they end. If no blank line follows, the body begins after the last valid field. */
function fieldsOf(head: Buffer): { fields: HeaderField[]; length: number } {
  const fields: { name: string; lines: Buffer[] }[] = [];
  let length = 0;
  for (let start = 0, end = 0; start < head.length; start = end) {
    const lineEnd = head.indexOf(lineFeed, start);
    end = lineEnd === -1 ? head.length : lineEnd + 1;
    const line = withoutBreak(head.subarray(start, end));
    const last = fields.at(-1);
    if (last && (line[0] === 0x20 || line[0] === 0x09)) last.lines.push(line);
    else fields.push({ name: nameOf(line), lines: [line] });
    if (fieldName.test(fields.at(-1)?.name ?? '')) length = end;
  }
  const read = fields.map(({ name, lines }) => ({
    name,
    bytes: lines.length === 1 ? (lines[0] ?? head) : Buffer.concat(lines),
  }));
  return { fields: read, length };
}

/**
 * Whether a line begins a field (RFC 5322, 2.2). Lines of text contain blanks before any colon, so they do not match.
 */
const fieldName = /^[!-9;-~]+$/;

const nameOf = (line: Buffer): string =>
  line
    .toString('latin1', 0, Math.max(line.indexOf(':'), 0))
    .trim()
    .toLowerCase();

function withoutBreak(line: Buffer): Buffer {
  let end = line.length;
  while (end > 0 && (line[end - 1] === lineFeed || line[end - 1] === 13)) end -= 1;
  return line.subarray(0, end);
}

/** The first value of a header field, read as Latin; empty if there is none. */
export function fieldOf({ fields }: Pick<MailPart, 'fields'>, name: string): string {
  const field = fields.find((candidate) => candidate.name === name);
  return field ? field.bytes.toString('latin1', field.bytes.indexOf(':') + 1).trim() : '';
}

/** The fields, with a boundary that every parser reads in the same way. */
const withBoundary = (fields: readonly HeaderField[], type: string, boundary: string): HeaderField[] =>
  fields.map((field) =>
    field.name === 'content-type'
      ? { ...field, bytes: Buffer.from(`Content-Type: ${multipartIn(type)}; boundary="${boundary}"`) }
      : field,
  );

const multipartIn = (type: string): string =>
  /multipart\/[\w.+-]{1,100}/i.exec(type)?.[0].toLowerCase() ?? 'multipart/mixed';
