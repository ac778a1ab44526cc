import { importedCustomerFields } from '../../modules/customer/customer.import.input.js';
import { CommandFailure, exitCodes } from '../failure.js';
import { printable } from '../output.js';
import type { CsvRecord } from './csv.js';
import type { Entry } from './feed.js';

const metadataPrefix = 'metadata.';
/** Metadata has one column for each of its keys. */
const plainColumns = new Set(importedCustomerFields.filter((field) => field !== 'metadata'));
const identities = ['externalId', 'email', 'id'];
export const tagSeparator = ';';

/**
 * Customers of a CSV file: its first record names the columns, and each further one becomes the JSON value of a
 * customer. An empty field says nothing. Throws CommandFailure before the first entry when the columns cannot be used.
 */
export async function* readCustomerRecords(records: AsyncIterable<CsvRecord>): AsyncGenerator<Entry> {
  let columns: readonly string[] | undefined;
  for await (const { number, bytes, fields, fault } of records) {
    if (!columns) {
      if (fault !== undefined) throw unusable(`line ${number}: ${fault}`);
      columns = checkedColumns(fields);
    } else if (fault !== undefined) {
      yield { number, bytes, fault };
    } else if (fields.length !== columns.length) {
      yield {
        number,
        bytes,
        fault: `Must have ${columns.length} fields, as the header has, but has ${fields.length}.`,
      };
    } else {
      yield { number, bytes, value: customerOf(columns, fields) };
    }
  }
  if (!columns) throw unusable('It is empty: its first line must name the columns.');
}

function checkedColumns(header: readonly string[]): readonly string[] {
  const columns = header.map((column) => column.trim());
  const seen = new Set<string>();
  for (const column of columns) {
    const isMetadata = column.startsWith(metadataPrefix) && column.length > metadataPrefix.length;
    if (!isMetadata && !plainColumns.has(column)) {
      const known = [...plainColumns, `${metadataPrefix}<key>`].join(', ');
      throw unusable(`Unknown column "${printable(column.slice(0, 100))}". There are, parted by commas: ${known}.`);
    }
    if (seen.has(column)) throw unusable(`The column "${printable(column.slice(0, 100))}" is there twice.`);
    seen.add(column);
  }
  if (!identities.some((column) => seen.has(column))) {
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
    else customer[column] = cellOf(column, text);
  }
  // Not by assignment: a key may be called __proto__.
  return metadata.length === 0 ? customer : { ...customer, metadata: Object.fromEntries(metadata) };
}

function cellOf(column: string, text: string): unknown {
  if (column === 'tags') {
    return text
      .split(tagSeparator)
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '');
  }
  // What is no number is left to be refused with the others.
  if (column === 'version') return /^\d+$/.test(text.trim()) ? Number(text) : text;
  return text;
}

const unusable = (reason: string): CommandFailure =>
  new CommandFailure(`The CSV file cannot be used: ${reason}`, exitCodes.unusable);
