import { conversionRecord } from '../../modules/conversion/conversion.record.js';
import type { CsvRecord } from './csv.js';
import { cellReaders, checkedHeader, readTable, unusable } from './csv-table.js';
import type { Entry } from './feed.js';

const known = cellReaders(conversionRecord.schema);
const required = ['orderId', 'occurredAt', 'amountMinor'];

/** The purchases of a CSV file. Its first record names the columns. Empty fields are left out. */
export const readPurchaseRecords = (records: AsyncIterable<CsvRecord>): AsyncGenerator<Entry> =>
  readTable(records, checkedColumns, purchaseOf);

function checkedColumns(header: readonly string[]): readonly string[] {
  const columns = checkedHeader(header, (column) => known.has(column), [...known.keys()]);
  const customer = columns.includes('customerId') ? [] : ['customerExternalId'];
  const missing = [...customer, ...required].filter((column) => !columns.includes(column));
  if (missing.length > 0) throw unusable(`It lacks: ${missing.join(', ')}.`);
  return columns;
}

function purchaseOf(columns: readonly string[], fields: readonly string[]): object {
  const entries = columns.flatMap((column, place): [string, unknown][] => {
    const text = (fields[place] ?? '').trim();
    return text === '' ? [] : [[column, known.get(column)?.(text)]];
  });
  return Object.fromEntries(entries);
}
