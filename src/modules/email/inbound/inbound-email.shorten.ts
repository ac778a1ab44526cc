/**
 * Cuts what is never kept off a raw mail: to decode the text of a mail takes many times as long as to pass over it, and of
 * megabytes of text a message keeps the beginning. Files are left as they are.
 */

/** Enough for the text and the HTML that a message keeps, in the longest encoding. */
const maxTextBytes = 3 * 1_024 * 1_024;
const maxTextLines = 30_000;
const maxParts = 1_000;
const lineFeed = 10;
const lineBreak = Buffer.from('\r\n');
const dash = 45;

/** The mail without the text beyond 3 MB or 30,000 lines in all; null when it has more than 1,000 parts. */
export function shortened(raw: Uint8Array): Uint8Array | null {
  const mail = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const kept: Buffer[] = [];
  const boundaries = new Set<string>();
  let header: string[] | null = [];
  let isText = true;
  let textBytes = 0;
  let textLines = 0;
  let parts = 0;
  /** Where that begins which is kept next. */
  let keptFrom = 0;

  for (let start = 0, end = 0; start < mail.length; start = end) {
    const lineEnd = mail.indexOf(lineFeed, start);
    end = lineEnd === -1 ? mail.length : lineEnd + 1;
    const line = (): string => mail.toString('latin1', start, Math.min(end, start + 1_000)).trimEnd();
    if (header) {
      if (end - start > 2 || line() !== '') header.push(line());
      else {
        isText = readHeader(header, boundaries);
        header = null;
      }
    } else if (mail[start] === dash && mail[start + 1] === dash && isBoundary(line(), boundaries)) {
      header = [];
      parts += 1;
      if (parts > maxParts) return null;
    } else if (isText) {
      const room = textLines < maxTextLines ? maxTextBytes - textBytes : 0;
      textBytes += end - start;
      textLines += 1;
      if (end - start > room) {
        const keptTo = start + Math.max(room, 0);
        if (keptTo > keptFrom) kept.push(mail.subarray(keptFrom, keptTo), lineBreak);
        keptFrom = end;
      }
    }
  }
  if (keptFrom === 0) return raw;
  return Buffer.concat([...kept, mail.subarray(keptFrom)]);
}

const isBoundary = (line: string, boundaries: ReadonlySet<string>): boolean =>
  boundaries.has(line.slice(2)) || (line.endsWith('--') && boundaries.has(line.slice(2, -2)));

/** Notes the boundary of a multipart, and tells whether text follows: also what stands around the parts of one. */
function readHeader(lines: readonly string[], boundaries: Set<string>): boolean {
  const fields = lines.join('\n').replace(/\n[ \t]+/g, ' ');
  const [, type = 'text/plain'] = /^content-type:(.*)$/im.exec(fields) ?? [];
  const [, quoted, bare] = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(type) ?? [];
  if (/^\s*multipart\//i.test(type)) boundaries.add(quoted ?? bare ?? '');
  const isFile = /^content-disposition:\s*attachment/im.test(fields);
  return !isFile && /^\s*(?:text\/(?:plain|html)|multipart\/)/i.test(type);
}
