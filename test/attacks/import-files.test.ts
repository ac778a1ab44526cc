import { expect, test } from 'vitest';
import { type CsvRecord, readCsv } from '../../src/cli/import/csv.js';
import { maxLineBytes, readLines } from '../../src/cli/import/lines.js';

/** Files of others, made to stop an import instead of being reported. */

async function recordsOf(text: string): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  async function* chunks() {
    yield Buffer.from(text);
  }
  for await (const record of readCsv(readLines(chunks()))) records.push(record);
  return records;
}

test('a first line of one quote and as many characters as a line may have is reported', async () => {
  const records = await recordsOf(`"${'a'.repeat(maxLineBytes - 10)}\nb;c\n`);
  expect(records).toMatchObject([{ number: 1, fault: expect.stringContaining('not closed') }, { number: 2 }]);
});

test.each([
  ['"a,b,c";"d"', ['a,b,c', 'd']],
  ['"a "",,,"" b";c', ['a ",,," b', 'c']],
  ['a;"b,,,', ['a', 'b,,,\nc']],
])('what stands in quotes is no separator: %s', async (line, fields) => {
  expect((await recordsOf(`${line}\nc"`))[0]?.fields).toEqual(fields);
});
