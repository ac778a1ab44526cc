import type { z } from 'zod';
import { CommandFailure, exitCodes } from '../shell/failure.js';
import { printable } from '../shell/output.js';
import type { CsvRecord } from './csv.js';
import type { Entry } from './feed.js';

/**
 * Reads a CSV file whose first record names its columns. `entryOf` converts the fields of each further record.
 * @throws CommandFailure before the first entry when the columns are invalid
 */
export async function* readTable(
  records: AsyncIterable<CsvRecord>,
  columnsOf: (header: readonly string[]) => readonly string[],
  entryOf: (columns: readonly string[], fields: readonly string[]) => unknown,
): AsyncGenerator<Entry> {
  let columns: readonly string[] | undefined;
  for await (const { number, bytes, fields: given, fault } of records) {
    // Spreadsheets write empty rows and columns that somebody once edited.
    if (fault === undefined && given.every((field) => field.trim() === '')) continue;
    const fields = withoutBlankEnd(given, columns?.length ?? 1);
    if (!columns) {
      if (fault !== undefined) throw unusable(`line ${number}: ${fault}`);
      columns = columnsOf(fields);
    } else if (fault !== undefined) {
      yield { number, bytes, fault };
    } else if (fields.length !== columns.length) {
      yield {
        number,
        bytes,
        fault: `Must have ${columns.length} fields, as the header has, but has ${fields.length}.`,
      };
    } else {
      const ruined = ruinedIn(columns, fields);
      yield ruined === null ? { number, bytes, value: entryOf(columns, fields) } : { number, bytes, fault: ruined };
    }
  }
  if (!columns) throw unusable('It is empty: its first line must name the columns.');
}

function withoutBlankEnd(fields: readonly string[], least: number): readonly string[] {
  let end = fields.length;
  while (end > least && fields[end - 1]?.trim() === '') end -= 1;
  return fields.slice(0, end);
}

/** A number or formula that a spreadsheet has damaged, so that the value is lost. Null if there is none. */
function ruinedIn(columns: readonly string[], fields: readonly string[]): string | null {
  for (const [place, column] of columns.entries()) {
    const text = fields[place]?.trim() ?? '';
    const isRounded = /^-?\d(?:[.,]\d+)?E[+-]?\d{2,}$/i.test(text);
    const isError = /^#(?:N\/A|REF!|VALUE!|DIV\/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|BEZUG!|WERT!|NV|#{2,})$/i.test(text);
    if (!isRounded && !isError) continue;
    const shown = printable(text.slice(0, 40));
    return isRounded
      ? `${column} ${shown} was rounded by a spreadsheet. Format the column as text and export the file again.`
      : `${column} ${shown} is an error of a spreadsheet, and no value.`;
  }
  return null;
}

/** `External ID` and `external_id` mean the column externalId. Invisible characters are ignored. */
const plainName = (column: string): string => column.toLowerCase().replace(/[\s\p{Cf}_]+/gu, '');

/** The names of the columns, in any case. Each must be known and must not occur twice; `known` has the known ones. */
export function checkedHeader(
  header: readonly string[],
  isKnown: (column: string) => boolean,
  known: readonly string[],
): readonly string[] {
  if (header[0]?.startsWith('PK\x03\x04'))
    throw unusable('It is a workbook or an archive. Export the sheet as CSV in UTF-8.');
  const spelt = new Map(known.map((column) => [plainName(column), column]));
  const columns = header.map((column) => spelt.get(plainName(column)) ?? column.trim());
  const seen = new Set<string>();
  for (const column of columns) {
    const shown = printable(column.slice(0, 100));
    if (!isKnown(column))
      throw unusable(`Unknown column "${shown}". There are, parted by commas: ${known.join(', ')}.`);
    if (seen.has(column)) throw unusable(`The column "${shown}" is there twice.`);
    seen.add(column);
  }
  return columns;
}

/**
 * Per field, the function that converts a text to what its rule accepts: a whole number, a list of texts, or the text
 * itself.
 */
export const cellReaders = (schema: z.ZodObject): Map<string, (text: string) => unknown> =>
  new Map(
    Object.entries(schema.shape).map(([name, rule]) => {
      const takes = (value: unknown): boolean => (rule as z.ZodType).safeParse(value).success;
      return [name, takes([]) ? listOf : takes(1) && !takes('1') ? numberOf : textOf];
    }),
  );

const listSeparator = ';';

const listOf = (text: string): string[] =>
  text
    .split(listSeparator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
/** An invalid number is passed on, so that validation reports it with the other errors. */
const numberOf = (text: string): number | string => (/^-?\d{1,15}$/.test(text.trim()) ? Number(text) : text);
const textOf = (text: string): string => text;

export const unusable = (reason: string): CommandFailure =>
  new CommandFailure(`The CSV file cannot be used: ${reason}`, exitCodes.unusable);
