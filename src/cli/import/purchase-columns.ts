import { importedPurchaseFields } from '../../modules/conversion/conversion.import.js';
import type { CsvRecord } from './csv.js';
import { checkedHeader, readTable, unusable } from './csv-table.js';
import type { Entry } from './feed.js';

const known = new Set(importedPurchaseFields);
const required = ['customerExternalId', 'orderId', 'occurredAt', 'amountMinor'];

/** Purchases of a CSV file, whose first record names the columns. An empty field says nothing. */
export const readPurchaseRecords = (records: AsyncIterable<CsvRecord>): AsyncGenerator<Entry> =>
  readTable(records, checkedColumns, purchaseOf);

function checkedColumns(header: readonly string[]): readonly string[] {
  const columns = checkedHeader(header, (column) => known.has(column), importedPurchaseFields);
  const missing = required.filter((column) => !columns.includes(column));
  if (missing.length > 0) throw unusable(`It lacks: ${missing.join(', ')}.`);
  return columns;
}

const wholeNumbers: readonly string[] = ['amountMinor', 'items'];

function purchaseOf(columns: readonly string[], fields: readonly string[]): object {
  const entries = columns.flatMap((column, place): [string, unknown][] => {
    const text = (fields[place] ?? '').trim();
    if (text === '') return [];
    // What is no number is left to be refused with the others.
    return [[column, wholeNumbers.includes(column) && /^-?\d{1,15}$/.test(text) ? Number(text) : text]];
  });
  return Object.fromEntries(entries);
}
