import { raw } from '../database.js';
import type { EnumName, EnumValue } from '../enums.js';
import { beforeAllTimes, type SortKey } from './ordering.js';

/** The sort keys of lists, each with its description in the graph. `column` is a column of the table. */

type Described<Row> = SortKey<Row> & { description: string };

/** A time that is never null. */
export const timeKey = <Column extends string>(
  column: Column,
  description: string,
): Described<Readonly<Record<Column, Date>>> => ({
  description,
  expression: raw(`r."${column}"`),
  type: 'timestamptz',
  columns: [column],
  of: (row) => row[column].toISOString(),
});

/** A time that may be null; rows without it use another time. */
export const timeOrKey = <Column extends string, Other extends string>(
  column: Column,
  other: Other,
  description: string,
): Described<Readonly<Record<Column, Date | null> & Record<Other, Date>>> => ({
  description,
  expression: raw(`COALESCE(r."${column}", r."${other}")`),
  type: 'timestamptz',
  columns: [column, other],
  of: (row) => (row[column] ?? row[other]).toISOString(),
});

/** A time that may be null; rows without it sort before all others. */
export const timeOrNoneKey = <Column extends string>(
  column: Column,
  description: string,
): Described<Readonly<Record<Column, Date | null>>> => ({
  description,
  expression: raw(`COALESCE(r."${column}", '${beforeAllTimes}')`),
  type: 'timestamptz',
  columns: [column],
  of: (row) => row[column]?.toISOString() ?? beforeAllTimes,
});

/** An enum that is never null, in the order of its values in the database. */
export const enumKey = <Column extends string, Name extends EnumName>(
  column: Column,
  name: Name,
  description: string,
): Described<Readonly<Record<Column, EnumValue<Name>>>> => ({
  description,
  expression: raw(`r."${column}"`),
  type: name,
  columns: [column],
  of: (row) => row[column],
});

/** A whole number that is never null. */
export const numberKey = <Column extends string>(
  column: Column,
  description: string,
): Described<Readonly<Record<Column, number | bigint>>> => ({
  description,
  expression: raw(`r."${column}"`),
  type: 'int8',
  columns: [column],
  of: (row) => String(row[column]),
});
