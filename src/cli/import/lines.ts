/** A longer line is skipped and reported, so that a file without line breaks does not fill the memory. */
export const maxLineBytes = 8 * 1024 * 1024;

export interface Line {
  /** The line number, counted from 1. Empty lines are counted too. */
  number: number;
  /** The length of the line, without the line feed. */
  bytes: number;
  /** The text of the line. Absent if the line is too long or not UTF-8. */
  text?: string;
  /** The reason why it has no text. */
  fault?: string;
}

const newline = 10;
const carriageReturn = 13;

/**
 * Splits a stream into lines at each line feed. Only one line is in memory at once. UTF-16 is recognised by its byte
 * order mark. Old spreadsheets end lines with CR alone: a stream that begins with such lines is split at CR.
 */
export async function* readLines(input: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let number = 1;
  let bytes = 0;
  let parts: Buffer[] = [];

  const add = (part: Buffer): void => {
    bytes += part.length;
    if (bytes > maxLineBytes) parts = [];
    else parts.push(part);
  };
  const take = (): Line => {
    const line = { number, bytes, ...decode(parts, bytes, number === 1 ? firstText : furtherText) };
    number += 1;
    bytes = 0;
    parts = [];
    return line;
  };

  let ending = newline;
  let isKnown = false;
  for await (const chunk of inUtf8(input)) {
    if (!isKnown && (chunk.includes(newline) || chunk.includes(carriageReturn))) {
      ending = endingIn(chunk);
      isKnown = true;
    }
    let start = 0;
    for (let end = chunk.indexOf(ending); end !== -1; end = chunk.indexOf(ending, start)) {
      add(chunk.subarray(start, end));
      start = end + 1;
      yield take();
    }
    add(chunk.subarray(start));
  }
  if (bytes > 0) yield take();
}

/** The byte that ends the lines. A chunk may end between CR and LF, so its last byte is not examined. */
const endingIn = (chunk: Buffer): number =>
  chunk.includes(newline) || !chunk.subarray(0, -1).includes(carriageReturn) ? newline : carriageReturn;

/**
 * Converts UTF-16 with a byte order mark to UTF-8, because spreadsheets write "Unicode text" in UTF-16. Other streams
 * stay as they are.
 */
async function* inUtf8(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun = Buffer.alloc(0);
  let decoder: TextDecoder | null | undefined;
  for await (const chunk of input) {
    if (decoder === undefined) {
      begun = Buffer.concat([begun, chunk]);
      if (begun.length < 2) continue;
      decoder = decoderOf(begun);
      yield decoder ? Buffer.from(decoder.decode(begun, { stream: true })) : begun;
    } else yield decoder ? Buffer.from(decoder.decode(chunk, { stream: true })) : chunk;
  }
  if (decoder === undefined) yield begun;
  else if (decoder) yield Buffer.from(decoder.decode());
}

function decoderOf([first, second]: Buffer): TextDecoder | null {
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le');
  return first === 0xfe && second === 0xff ? new TextDecoder('utf-16be') : null;
}

/** A byte order mark is removed only at the beginning of the file. Elsewhere it is a character. */
const firstText = new TextDecoder('utf-8', { fatal: true });
const furtherText = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(parts: readonly Buffer[], bytes: number, decoder: TextDecoder): Pick<Line, 'text' | 'fault'> {
  if (bytes > maxLineBytes) return { fault: `Must have at most ${maxLineBytes} bytes.` };
  const whole = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  try {
    return { text: decoder.decode(whole) };
  } catch {
    return { fault: 'Must be UTF-8.' };
  }
}
