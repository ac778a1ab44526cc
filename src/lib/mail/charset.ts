import { isAscii, isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';

/**
 * Decodes text from unknown sources (e-mails, files to import), which is often labelled with a wrong charset. Tries in
 * this order: a byte order mark, the 7-bit encodings, UTF-8 if it is valid, the declared charset, `otherwise`,
 * windows-1252.
 */
export function decodeText(
  bytes: Uint8Array,
  declared: string | null = null,
  otherwise: () => string | null = () => null,
): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const marked = markOf(buffer);
  if (marked) return iconv.decode(buffer, marked);
  const charset = charsetOf(declared);
  if (charset !== null && isWide(charset) && (buffer.includes(0) || !isUtf8(buffer)))
    return iconv.decode(buffer, charset);
  if (isAscii(buffer)) return decodeSevenBits(buffer, charset);
  if (isUtf8(buffer) && !(charset !== null && mayBeChance(buffer, charset))) return buffer.toString('utf8');
  return decodeAs(buffer, charset) ?? decodeAs(buffer, charsetOf(otherwise())) ?? iconv.decode(buffer, 'windows-1252');
}

function markOf(buffer: Buffer): string | null {
  if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf) return 'utf-8';
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return 'utf-16le';
  return buffer[0] === 0xfe && buffer[1] === 0xff ? 'utf-16be' : null;
}

const isWide = (charset: string): boolean => /^(?:utf|ucs)-?(?:16|32|2|4)/.test(charset);

/** Charsets that Node supports and iconv-lite does not. */
const standardOnly = new Set(['iso-2022-jp', 'iso-8859-8-i', 'x-mac-cyrillic', 'x-user-defined']);
const ownDecoders: Readonly<Record<string, (buffer: Buffer) => string>> = {
  'iso-2022-kr': (buffer) => iconv.decode(shiftedKorean(buffer), 'cp949'),
  'iso-2022-cn': (buffer) => iconv.decode(shiftedKorean(buffer), 'gb18030'),
  'iso-2022-jp': (buffer) => new TextDecoder('iso-2022-jp').decode(withoutIdleEscapes(buffer)),
  'hz-gb-2312': (buffer) => iconv.decode(shiftedChinese(buffer), 'gb18030'),
};

/** The charset of a label, under a name that can be decoded; null if it is unknown or meaningless. */
function charsetOf(label: string | null): string | null {
  const given = (label ?? '')
    .trim()
    .toLowerCase()
    .replace(/^["']+|["';]+$/g, '');
  if (given === '' || given.length > 50) return null;
  if (/^(?:cs)?iso-?2022-?kr$/.test(given)) return 'iso-2022-kr';
  if (/^(?:cs)?iso-?2022-?cn/.test(given)) return 'iso-2022-cn';
  if (/^(?:cs)?iso-?2022-?jp/.test(given)) return 'iso-2022-jp';
  if (/^hz(?:-?gb-?2312)?$/.test(given)) return 'hz-gb-2312';
  if (/^(?:unicode-?1-?1-?)?utf-?7$/.test(given)) return 'utf-7';
  const page = /^(?:x-)?(?:cp|ibm|windows|win|dos|ms)[-_ ]?(\d{3,5})$/.exec(given)?.[1];
  return (
    [given, ...(page ? [`windows-${page}`, `cp${page}`] : []), given.replace(/^x-/, '')]
      .map((name) => knownAs(name))
      .find((name) => name !== null) ?? null
  );
}

function knownAs(name: string): string | null {
  const standard = standardName(name);
  if (standard !== null && (standardOnly.has(standard) || iconv.encodingExists(standard))) {
    // Programs declare ASCII when they do not know the charset.
    return /^(?:us-?)?ascii$|^ansi_x3/.test(name) ? null : (wider[standard] ?? standard);
  }
  return iconv.encodingExists(name) && !/^(?:base64|hex|binary|utf-?7-?imap|ascii)$/.test(name) ? name : null;
}

/** Supersets of charsets, which also decode characters that the declared charset lacks. */
const wider: Readonly<Record<string, string>> = { gbk: 'gb18030', 'euc-kr': 'cp949' };

function standardName(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

function decodeAs(buffer: Buffer, charset: string | null): string | null {
  if (charset === null || charset === 'utf-8') return mostlyUtf8(buffer);
  if (isWide(charset)) return null;
  const own = ownDecoders[charset];
  if (own) return own(buffer);
  return standardOnly.has(charset) ? new TextDecoder(charset).decode(buffer) : iconv.decode(buffer, charset);
}

/** The text as UTF-8 if most of it is valid, for example if it was cut within a character; else null. */
function mostlyUtf8(buffer: Buffer): string | null {
  const text = buffer.toString('utf8');
  const count = (form: RegExp): number => text.match(form)?.length ?? 0;
  const broken = count(/\ufffd/g);
  const others = count(/\P{ASCII}/gu) - broken;
  return others > 0 && others >= 2 * broken ? text : null;
}

function decodeSevenBits(buffer: Buffer, charset: string | null): string {
  if (charset === 'utf-7') return iconv.decode(buffer, charset);
  if (charset !== null && charset in ownDecoders) return ownDecoders[charset]?.(buffer) ?? '';
  if (buffer.includes('\x1b$)A')) return ownDecoders['iso-2022-cn']?.(buffer) ?? '';
  if (buffer.includes('\x1b$)C')) return ownDecoders['iso-2022-kr']?.(buffer) ?? '';
  if (buffer.includes('\x1b$') || buffer.includes('\x1b(')) return ownDecoders['iso-2022-jp']?.(buffer) ?? '';
  return buffer.toString('latin1');
}

const chineseJapaneseKorean = /^(?:gb|big5|euc|cp949|shift|cp932|windows-949)/;
const mostByChance = 8;

/** Whether bytes in a double-byte charset may be valid UTF-8 by chance, as a short word can be. */
function mayBeChance(buffer: Buffer, charset: string): boolean {
  if (!chineseJapaneseKorean.test(charset)) return false;
  const text = buffer.toString('utf8');
  const short = text.match(/[\u0080-\u07ff]/g)?.length ?? 0;
  return short > 0 && short <= mostByChance && !/[\u0800-\u{10ffff}]/u.test(text);
}

/**
 * Removes an escape sequence that is followed by another one. Encoded words end in ASCII and the next word switches
 * back at once, which the standard treats as an error.
 */
const withoutIdleEscapes = (buffer: Buffer): Buffer =>
  Buffer.from(buffer.toString('latin1').replaceAll('\x1b(B\x1b', '\x1b'), 'latin1');

/**
 * ISO-2022-KR (RFC 1557) converted to EUC-KR, and likewise ISO-2022-CN (RFC 1922) to GB2312: bytes between SO and SI
 * get the high bit.
 */
function shiftedKorean(buffer: Buffer): Buffer {
  const out: number[] = [];
  let shifted = false;
  for (let place = 0; place < buffer.length; place += 1) {
    const byte = buffer[place] ?? 0;
    if (byte === 0x1b && ['\x1b$)A', '\x1b$)C'].includes(buffer.toString('latin1', place, place + 4))) place += 3;
    else if (byte === 0x0e) shifted = true;
    else if (byte === 0x0f) shifted = false;
    else out.push(shifted && byte > 0x20 ? byte | 0x80 : byte);
    if (byte === 0x0a) shifted = false;
  }
  return Buffer.from(out);
}

/** HZ (RFC 1843) converted to GB2312: bytes between `~{` and `~}` get the high bit. */
function shiftedChinese(buffer: Buffer): Buffer {
  const out: number[] = [];
  let shifted = false;
  for (let place = 0; place < buffer.length; place += 1) {
    const byte = buffer[place] ?? 0;
    const next = byte === 0x7e ? String.fromCharCode(buffer[place + 1] ?? 0) : '';
    if (next === '{' || next === '}' || next === '~' || next === '\n') {
      place += 1;
      if (next === '~') out.push(byte);
      if (next === '{' || next === '}') shifted = next === '{';
    } else out.push(shifted && byte > 0x20 ? byte | 0x80 : byte);
  }
  return Buffer.from(out);
}
