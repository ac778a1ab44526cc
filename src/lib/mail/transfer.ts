/** Decodes a body by the value of its Content-Transfer-Encoding (RFC 2045). */
export function transferDecoded(value: string, body: Buffer): Buffer {
  const encoding = /[\w-]+/.exec(value.replace(/\([^)]*\)/g, ' '))?.[0]?.toLowerCase();
  if (encoding !== undefined && /^quoted[-_]?printable$/.test(encoding)) return unquoted(body);
  if (encoding !== undefined && /^(?:x-)?uue(?:ncode)?$/.test(encoding)) return unuuencoded(body);
  if (encoding === 'base64' && looksLikeBase64(body)) return unbased(body.toString('latin1'));
  return body;
}

const lineFeed = 10;
/** One character for the length, and four for each three of at most 63 bytes. */
const maxUuencodedLine = 1 + 84;

/** Decodes the lines between `begin` and `end`: each has a length and groups of four characters for three bytes. */
function unuuencoded(body: Buffer): Buffer {
  const begin = beginOfUuencoded(body);
  if (begin === -1) return body;
  const out = Buffer.allocUnsafe(body.length);
  let size = 0;
  for (let start = begin; start < body.length; ) {
    // Blank lines are skipped. There may be millions of them.
    if (body[start] === lineFeed || body[start] === 13) {
      start += 1;
      continue;
    }
    const feed = body.indexOf(lineFeed, start);
    const end = feed === -1 ? body.length : feed;
    const line = body.subarray(start, Math.min(end, start + maxUuencodedLine));
    if (/^end\s*$/.test(line.toString('latin1'))) break;
    const valueAt = (place: number): number => ((line[place] ?? 32) - 32) & 63;
    const length = Math.min(valueAt(0), Math.floor(((line.length - 1) * 3) / 4));
    for (let byte = 0; byte < length; byte += 1) {
      const place = 1 + Math.floor(byte / 3) * 4 + (byte % 3);
      const shift = (byte % 3) * 2 + 2;
      out[size++] = ((valueAt(place) << shift) | (valueAt(place + 1) >> (6 - shift))) & 255;
    }
    start = end + 1;
  }
  return out.subarray(0, size);
}

/** The start of the line after `begin 644 name`; -1 if there is none. */
function beginOfUuencoded(body: Buffer): number {
  for (let at = body.indexOf('begin '); at !== -1; at = body.indexOf('begin ', at + 1)) {
    const startsLine = at === 0 || body[at - 1] === lineFeed;
    if (!startsLine || !/^begin [0-7]{3,4} /.test(body.toString('latin1', at, at + 12))) continue;
    const feed = body.indexOf(lineFeed, at);
    return feed === -1 ? body.length : feed;
  }
  return -1;
}

/** Some mail programs pad each line, so that the body is a series of base64 texts. */
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

/** A body that is declared as base64 but has words in its first line is not base64. */
const looksLikeBase64 = (body: Buffer): boolean =>
  /^[\w+/=-]*$/.test(/\S[^\r\n]*/.exec(body.toString('latin1', 0, 2_000))?.[0].trim() ?? '');

/** Quoted-printable (RFC 2045, 6.7). An invalid escape stays as it is. */
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

/** A large negative number if the byte is not a hexadecimal digit. */
function hexValue(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1_000;
}

/** The start of the next line, if only blanks precede the end of this one. */
function afterSoftBreak(body: Buffer, start: number): number | null {
  let place = start;
  while (place < start + 1_000 && (body[place] === 0x20 || body[place] === 0x09 || body[place] === 13)) place += 1;
  if (place >= body.length) return place;
  return body[place] === 10 ? place + 1 : null;
}
