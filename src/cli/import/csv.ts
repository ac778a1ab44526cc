import type { Line } from './lines.js';

/** A longer record is treated as one whose quote was never closed. */
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
 * Reads the records of a CSV file (RFC 4180): fields separated by commas, and quoted if they contain a comma, a quote
 * (doubled) or a line break. Lines end in LF or CRLF; empty ones are skipped. Spreadsheets also use semicolons or tabs
 * as separators: a first line `sep=;` declares the separator, else it is the most frequent one in the header.
 *
 * A record that cannot be read costs only its first line: reading continues with the next line, so that an unclosed
 * quote does not swallow the rest of the file.
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
  /** The content so far of a quoted field that continues in the next line. */
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
    // If a record of several lines is invalid, the most likely cause is the quote that opened it.
    if (fault !== undefined) yield* this.giveUp(this.lines.length === 1 ? fault : notClosed);
    else if (this.quoted === undefined) yield this.take();
    else if (this.bytes > maxRecordBytes) yield* this.giveUp(notClosed);
  }

  /** Handles a record that is incomplete when the file ends. */
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

  /** Reports the first line and reads the other lines again. */
  private *giveUp(fault: string): Generator<CsvRecord> {
    const [first, ...others] = this.lines;
    this.take();
    if (first) yield { number: first.number, bytes: first.bytes, fields: [], fault };
    for (const line of others) yield* this.push(line);
  }

  /** Reads the fields of one more line into the record. Returns the error, if any. */
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

  /** Reads a quoted field, or the rest of one. Returns where it ended; undefined when it continues in the next line. */
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

/** The separator of a header: the most frequent one outside of quotes, by default the comma. */
function separatorIn(header: string): string {
  // Splits at quotes instead of matching one pattern, because a long line could exceed the limit for backtracking.
  const bare = header.split('"').filter((_, place) => place % 2 === 0);
  const count = (separator: string): number => bare.reduce((sum, part) => sum + part.split(separator).length - 1, 0);
  return Object.keys(separators).reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}

const notClosed = 'A quote (") is opened here and not closed.';
