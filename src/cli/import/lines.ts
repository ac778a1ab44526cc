/** A longer line is skipped and reported, so that a file without line breaks does not fill the memory. */
export const maxLineBytes = 8 * 1024 * 1024;

export interface Line {
  /** Counted from 1, with the empty ones. */
  number: number;
  /** Without the line feed. */
  bytes: number;
  /** As it stands in the file; absent where the line is too long or not UTF-8. */
  text?: string;
  /** Why there is no text. */
  fault?: string;
}

const newline = 10;

/** Cuts a stream into its lines at each line feed, without holding more than one line. */
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

  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      add(chunk.subarray(start, end));
      start = end + 1;
      yield take();
    }
    add(chunk.subarray(start));
  }
  if (bytes > 0) yield take();
}

/** A byte order mark belongs to the beginning of the file; anywhere else it is a character. */
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
