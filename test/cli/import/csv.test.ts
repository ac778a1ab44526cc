import { expect, test } from 'vitest';
import { type CsvRecord, maxRecordBytes, readCsv } from '../../../src/cli/import/csv.js';
import { readLines } from '../../../src/cli/import/lines.js';

/** What the bytes say, read in chunks of `size`: the fields of each record, or why there are none. */
async function recordsOf(bytes: string | Buffer, size = 64 * 1024): Promise<[number, string[] | string | undefined][]> {
  const records: CsvRecord[] = [];
  for await (const record of readCsv(readLines(chunks(Buffer.from(bytes), size)))) records.push(record);
  return records.map(({ number, fields, fault }) => [number, fault ?? fields]);
}

async function* chunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

const notClosed = 'A quote (") is opened here and not closed.';

test('fields are what RFC 4180 says, wherever the stream is cut', async () => {
  const text = '\ufeffa,"b",\r\n"one, ""two""",,"é\r\n😀\n"\r\n\r\n  \nlast,"",\ufeffx\n';
  for (let size = 1; size <= Buffer.byteLength(text); size += 1) {
    expect(await recordsOf(text, size)).toEqual([
      [1, ['a', 'b', '']],
      [2, ['one, "two"', '', 'é\r\n😀\n']],
      [7, ['last', '', '\ufeffx']],
    ]);
  }
});

test('the last line may lack its end, and the file all of its lines', async () => {
  expect(await recordsOf('a,b\n1,2')).toEqual([
    [1, ['a', 'b']],
    [2, ['1', '2']],
  ]);
  expect(await recordsOf('a,"b"')).toEqual([[1, ['a', 'b']]]);
  expect(await recordsOf('')).toEqual([]);
  expect(await recordsOf('\n\r\n \n')).toEqual([]);
});

test('a record that cannot be read costs its own line and no other', async () => {
  const opens = 'A quote (") must begin its field; inside a quoted one it is doubled.';
  const ends = 'After the quote (") that ends a field there must be a comma.';
  const lines = ['12" tall,x', '"a"b,x', 'ok,1', 'x,"never closed', 'ok,2', '"quoted, too",3', 'ok,4', '"open', 'ok,5'];
  expect(await recordsOf(lines.join('\n'))).toEqual([
    [1, opens],
    [2, ends],
    [3, ['ok', '1']],
    [4, notClosed],
    [5, ['ok', '2']],
    [6, ['quoted, too', '3']],
    [7, ['ok', '4']],
    [8, notClosed],
    [9, ['ok', '5']],
  ]);
});

test('bytes that are no UTF-8 spoil the record they stand in', async () => {
  const latin = Buffer.from('a,M\u00fcller\n', 'latin1');
  expect(await recordsOf(Buffer.concat([Buffer.from('a,b\n'), latin, Buffer.from('c,d\n')]))).toEqual([
    [1, ['a', 'b']],
    [2, 'Must be UTF-8.'],
    [3, ['c', 'd']],
  ]);
  expect(await recordsOf(Buffer.concat([Buffer.from('a,"b\n'), latin, Buffer.from('c,d\n')]))).toEqual([
    [1, notClosed],
    [2, 'Must be UTF-8.'],
    [3, ['c', 'd']],
  ]);
});

test('a quote that nobody closes does not swallow a large file', async () => {
  const line = `ok,${'x'.repeat(1000)}`;
  const lines = Array.from({ length: 5000 }, (_, place) => (place === 10 ? 'x,"open' : line));
  expect(lines.join('\n').length).toBeGreaterThan(4 * maxRecordBytes);
  const records = await recordsOf(lines.join('\n'));
  expect(records.filter(([, fields]) => typeof fields === 'string')).toEqual([[11, notClosed]]);
  expect(records).toHaveLength(5000);
});
