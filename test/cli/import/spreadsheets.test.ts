import { describe, expect, test } from 'vitest';
import { readCsv } from '../../../src/cli/import/csv.js';
import { readCustomerRecords } from '../../../src/cli/import/customer-columns.js';
import type { Entry } from '../../../src/cli/import/feed.js';
import { readJsonLines } from '../../../src/cli/import/json-lines.js';
import { readLines } from '../../../src/cli/import/lines.js';
import { importedMessage } from '../../../src/modules/conversation/message/message.record.js';
import { conversionRecord } from '../../../src/modules/conversion/conversion.record.js';

/** What spreadsheets write. */

async function entriesOf(bytes: Buffer, size = 64 * 1024): Promise<unknown[]> {
  const entries: Entry[] = [];
  for await (const entry of readCustomerRecords(readCsv(readLines(chunks(bytes, size))))) entries.push(entry);
  return entries.map(({ value, fault }) => fault ?? value);
}

async function* chunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
const jane = { externalId: 'u1', name: 'Doe, Jänë' };

describe('a file is read', () => {
  test.each<[string, Buffer]>([
    ['with commas', Buffer.from('externalId,name\nu1,"Doe, Jänë"\n')],
    ['with semicolons', Buffer.from('externalId;name\r\nu1;Doe, Jänë\r\n')],
    ['with tabs', Buffer.from('externalId\tname\r\nu1\tDoe, Jänë\r\n')],
    ['with bars', Buffer.from('externalId|name\nu1|Doe, Jänë\n')],
    ['that says what parts its fields', Buffer.from('sep=;\r\nexternalId;name\r\nu1;"Doe, Jänë"\r\n')],
    ['that says so within quotes', Buffer.from('\ufeff"sep=;"\r\nexternalId;name\r\nu1;Doe, Jänë\r\n')],
    ['that is parted by something else', Buffer.from('sep=^\r\nexternalId^name\r\nu1^Doe, Jänë\r\n')],
    ['in UTF-16 with tabs', utf16('externalId\tname\r\nu1\tDoe, Jänë\r\n')],
    ['in UTF-16 of the other order', utf16('externalId,name\r\nu1,"Doe, Jänë"\r\n').swap16()],
    ['with blank rows and columns', Buffer.from('\n,,\nexternalId,name,,\n,,,\nu1,"Doe, Jänë",,\n ,,\n')],
    ['with a header in words', Buffer.from('External ID,Name\nu1,"Doe, Jänë"\n')],
    ['with a header with underscores', Buffer.from('external_id,\u200bname\nu1,"Doe, Jänë"\n')],
    ['with a header in another case', Buffer.from('EXTERNALID,Name\nu1,"Doe, Jänë"\n')],
  ])('%s', async (_what, bytes) => {
    for (const size of [1, 3, 1024]) expect(await entriesOf(bytes, size)).toEqual([jane]);
  });

  test('with the keys of metadata as they are spelt', async () => {
    expect(await entriesOf(Buffer.from('ExternalId,Metadata.PlanName\nu1,x\n'))).toEqual([
      { externalId: 'u1', metadata: { PlanName: 'x' } },
    ]);
  });

  test('with lists in cells, whatever parts the cells', async () => {
    expect(await entriesOf(Buffer.from('externalId;tags\nu1;"a;b"\n'))).toEqual([
      { externalId: 'u1', tags: ['a', 'b'] },
    ]);
  });
});

describe('a value that a spreadsheet has ruined is refused by its name:', () => {
  test.each(['1.23457E+15', '4.91511E+11', '1,5E+10', '#N/A', '#REF!', '#VALUE!', '#DIV/0!', '#NAME?', '#####', '#NV'])(
    '%s',
    async (ruined) => {
      const [fault] = await entriesOf(Buffer.from(`externalId;phone\nu1;${ruined}\n`));
      expect(fault).toContain(`phone ${ruined} `);
    },
  );

  test.each(['1E5', '123456789012345', '+49 151 123', '#1'])('but not %s', async (text) => {
    expect(await entriesOf(Buffer.from(`externalId;phone\nu1;${text}\n`))).toEqual([{ externalId: 'u1', phone: text }]);
  });
});

test('the separator that was found is named where it does not part', async () => {
  expect(await entriesOf(Buffer.from('externalId;name\n"u1"x;y\n'))).toEqual([
    'After the quote (") that ends a field there must be a semicolon.',
  ]);
});

test('lines may end with CR alone', async () => {
  expect(await entriesOf(Buffer.from('externalId,name\ru1,"Doe, Jänë"\ru2,Omar\r'))).toEqual([
    jane,
    { externalId: 'u2', name: 'Omar' },
  ]);
});

test('a workbook is told from a table', async () => {
  await expect(entriesOf(Buffer.from('PK\x03\x04\x14\0\x06\0'))).rejects.toThrow('Export the sheet as CSV in UTF-8.');
});

test.each(['[', '[{"a":1},', '{"a":1},', '{"a":1}{"a":2}', '},'])(
  'JSON over several lines is told: %s',
  async (line) => {
    const faults: unknown[] = [];
    for await (const { fault } of readJsonLines(readLines(chunks(Buffer.from(`${line}\n`), 100)))) faults.push(fault);
    expect(faults).toEqual(['Must be JSON: one whole value on each line, and nothing between them.']);
  },
);

test('an amount that is no whole number says what it must be', () => {
  const result = conversionRecord.schema.safeParse({ amountMinor: '29.33' });
  expect(result.error?.issues.find(({ path }) => path[0] === 'amountMinor')?.message).toContain('whole minor units');
});

describe('an imported message may have no text beside', () => {
  const message = { direction: 'INBOUND', text: '', sentAt: '2026-01-01T00:00:00Z' };
  test.each([
    ['HTML', { html: '<p>Hello</p>' }],
    ['files', { attachments: [{ fileName: 'a.pdf', url: 'https://files.example/a.pdf' }] }],
    ['a mail', { email: { messageId: '<a@x>' } }],
  ])('%s', (_what, more) => {
    expect(importedMessage.safeParse({ ...message, ...more }).error?.issues).toBeUndefined();
  });

  test('nothing', () => {
    expect(importedMessage.safeParse(message).success).toBe(false);
  });

  test('and the brackets of its Message-ID are left out', () => {
    expect(importedMessage.parse({ ...message, email: { messageId: ' <a@x>' } }).email?.messageId).toBe('a@x');
  });
});
