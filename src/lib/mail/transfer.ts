/** The bytes that a body stands for, by the value of its Content-Transfer-Encoding (RFC 2045). */
export function transferDecoded(value: string, body: Buffer): Buffer {
  const encoding = /[\w-]+/.exec(value.replace(/\([^)]*\)/g, ' '))?.[0]?.toLowerCase();
  if (encoding === 'quoted-printable') return unquoted(body);
  if (encoding !== undefined && /^(?:x-)?uue(?:ncode)?$/.test(encoding)) return unuuencoded(body);
  if (encoding === 'base64' && looksLikeBase64(body)) return unbased(body.toString('latin1'));
  return body;
}

/** What stands between `begin` and `end`: lines of a length and groups of four characters for three bytes. */
function unuuencoded(body: Buffer): Buffer {
  const lines = body.toString('latin1').split(/\r?\n/);
  const begin = lines.findIndex((line) => /^begin [0-7]{3,4} /.test(line));
  if (begin === -1) return body;
  const bytes: number[] = [];
  for (const line of lines.slice(begin + 1)) {
    if (line === 'end') break;
    const values = Array.from(line, (sign) => (sign.charCodeAt(0) - 32) & 63);
    const [length = 0, ...groups] = values;
    for (let place = 0; place < length; place += 1) {
      const [high = 0, low = 0] = groups.slice(Math.floor(place / 3) * 4 + (place % 3));
      const shift = (place % 3) * 2 + 2;
      bytes.push(((high << shift) | (low >> (6 - shift))) & 255);
    }
  }
  return Buffer.from(bytes);
}

/** Some mail programs end each line by padding, so that several texts of base64 follow each other. */
function unbased(text: string): Buffer {
  const out = Buffer.allocUnsafe(text.length);
  let length = 0;
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    const padding = text.indexOf('=', start);
    end = padding === -1 ? text.length : padding;
    if (end > start) length += out.write(text.slice(start, end), length, 'base64');
  }
  return out.subarray(0, length);
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
