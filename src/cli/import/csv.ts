import type { Line } from './lines.js';

/** A record that is longer is taken for one whose quote was never closed. */
export const maxRecordBytes = 1024 * 1024;

/** One record of a CSV file: its fields, or why it cannot be read. */
export interface CsvRecord {
  /** The number of the line on which it begins. */
  number: number;
  bytes: number;
  fields: string[];
  fault?: string;
}

/**
 * The records of a CSV file as RFC 4180 describes it: fields between commas, quoted where they hold a comma, a quote
 * (doubled) or a line break. Lines end in LF or CRLF; empty ones are left out. Spreadsheets also write semicolons or tabs
 * between fields: a first line `sep=;` says so, else the separator that the header has most of.
 *
 * A record that cannot be read costs only its first line: reading goes on behind that line, so that a quote nobody
 * closed does not swallow the rest of the file.
 */
export async function* readCsv(lines: AsyncIterable<Line>): AsyncGenerator<CsvRecord> {
  const reader = new RecordReader();
  for await (const line of lines) yield* reader.push(line);
  yield* reader.end();
}

class RecordReader {
  /** The lines of the record that is not complete yet. */
  private lines: Line[] = [];
  private bytes = 0;
  private fields: string[] = [];
  private separator: string | undefined;
  /** What was read of a quoted field that goes on in the next line. */
  private quoted: string | undefined;

  *push(line: Line): Generator<CsvRecord> {
    if (this.lines.length === 0 && line.text?.trim() === '') return;
    if (this.separator === undefined && line.text !== undefined) {
      const [, said] = /^"?sep=(.)"?\s*$/i.exec(line.text) ?? [];
      this.separator = said ?? separatorIn(line.text);
      if (said !== undefined) return;
    }
    this.lines.push(line);
    this.bytes += line.bytes + 1;
    const fault = line.text === undefined ? (line.fault ?? 'Cannot be read.') : this.read(line.text);
    // What makes a record of several lines unreadable is most likely the quote that opened it.
    if (fault !== undefined) yield* this.giveUp(this.lines.length === 1 ? fault : notClosed);
    else if (this.quoted === undefined) yield this.take();
    else if (this.bytes > maxRecordBytes) yield* this.giveUp(notClosed);
  }

  /** What an open record holds when the file ends. */
  *end(): Generator<CsvRecord> {
    while (this.lines.length > 0) yield* this.giveUp(notClosed);
  }

  private take(): CsvRecord {
    const record = { number: this.lines[0]?.number ?? 0, bytes: this.bytes - 1, fields: this.fields };
    this.lines = [];
    this.bytes = 0;
    this.fields = [];
    this.quoted = undefined;
    return record;
  }

  /** Reports the first line and reads the others anew. */
  private *giveUp(fault: string): Generator<CsvRecord> {
    const [first, ...others] = this.lines;
    this.take();
    if (first) yield { number: first.number, bytes: first.bytes, fields: [], fault };
    for (const line of others) yield* this.push(line);
  }

  /** Reads the fields of one more line into the record. Returns what is wrong with it. */
  private read(line: string): string | undefined {
    const ending = line.endsWith('\r') ? '\r\n' : '\n';
    const text = ending === '\n' ? line : line.slice(0, -1);
    const separator = this.separator ?? ',';
    let at = 0;
    for (;;) {
      if (this.quoted === undefined && text[at] !== '"') {
        const comma = text.indexOf(separator, at);
        const field = text.slice(at, comma === -1 ? undefined : comma);
        if (field.includes('"')) return 'A quote (") must begin its field; inside a quoted one it is doubled.';
        this.fields.push(field);
        if (comma === -1) return undefined;
        at = comma + 1;
      } else {
        const end = this.readQuoted(text, at);
        if (end === undefined) {
          this.quoted += ending;
          return undefined;
        }
        if (end === text.length) return undefined;
        if (text[end] !== separator)
          return `After the quote (") that ends a field there must be a ${nameOf(separator)}.`;
        at = end + 1;
      }
    }
  }

  /** Reads a quoted field, or the rest of one, and returns where it ended; undefined when it goes on. */
  private readQuoted(text: string, at: number): number | undefined {
    let start = this.quoted === undefined ? at + 1 : at;
    let content = this.quoted ?? '';
    for (;;) {
      const quote = text.indexOf('"', start);
      if (quote === -1) {
        this.quoted = content + text.slice(start);
        return undefined;
      }
      content += text.slice(start, quote);
      if (text[quote + 1] !== '"') {
        this.fields.push(content);
        this.quoted = undefined;
        return quote + 1;
      }
      content += '"';
      start = quote + 2;
    }
  }
}

const separators: Readonly<Record<string, string>> = {
  ',': 'comma',
  ';': 'semicolon',
  '\t': 'tab',
  '|': 'vertical bar',
};

const nameOf = (separator: string): string => separators[separator] ?? `separator (${separator})`;

/** What parts the columns of a header: what it has most of outside of quotes, in doubt the comma. */
function separatorIn(header: string): string {
  // By quotes, and not by one pattern: a line may have more characters than a pattern can go back over.
  const bare = header.split('"').filter((_, place) => place % 2 === 0);
  const count = (separator: string): number => bare.reduce((sum, part) => sum + part.split(separator).length - 1, 0);
  return Object.keys(separators).reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}

const notClosed = 'A quote (") is opened here and not closed.';
