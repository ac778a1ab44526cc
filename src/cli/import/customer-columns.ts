import { customerRecord } from '../../modules/customer/customer.record.js';
import type { CsvRecord } from './csv.js';
import { cellReaders, checkedHeader, readTable, unusable } from './csv-table.js';
import type { Entry } from './feed.js';

const metadataPrefix = 'metadata.';
/** Metadata has one column for each of its keys. */
const plainColumns = cellReaders(customerRecord.schema.omit({ metadata: true }));
const identities = ['externalId', 'email', 'id'];

/**
 * The customers of a CSV file. Its first record names the columns, and each further one becomes the JSON value of a
 * customer. Empty fields are left out.
 * @throws CommandFailure before the first entry when the columns are invalid
 */
export const readCustomerRecords = (records: AsyncIterable<CsvRecord>): AsyncGenerator<Entry> =>
  readTable(records, checkedColumns, customerOf);

function checkedColumns(header: readonly string[]): readonly string[] {
  const isKnown = (column: string) =>
    plainColumns.has(column) || (column.startsWith(metadataPrefix) && column.length > metadataPrefix.length);
  const prefixed = header.map((column) => column.trim().replace(/^metadata\./i, metadataPrefix));
  const columns = checkedHeader(prefixed, isKnown, [...plainColumns.keys(), `${metadataPrefix}<key>`]);
  if (!identities.some((column) => columns.includes(column))) {
    throw unusable(`One of the columns ${identities.join(', ')} must say which customer is meant.`);
  }
  return columns;
}

function customerOf(columns: readonly string[], fields: readonly string[]): object {
  const customer: Record<string, unknown> = {};
  const metadata: [key: string, value: string][] = [];
  for (const [place, column] of columns.entries()) {
    const text = fields[place] ?? '';
    if (text.trim() === '') continue;
    if (column.startsWith(metadataPrefix)) metadata.push([column.slice(metadataPrefix.length), text]);
    else customer[column] = plainColumns.get(column)?.(text);
  }
  // Not by assignment, because a key may be "__proto__".
  return metadata.length === 0 ? customer : { ...customer, metadata: Object.fromEntries(metadata) };
}
