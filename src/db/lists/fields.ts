import { oneSpelling } from '../../lib/text/email.js';
import { keyForm } from '../../lib/values/validation.js';
import { raw, type Sql, sql } from '../database.js';
import type { EnumName, EnumValue } from '../enums.js';
import { type NodeEntity, readId } from '../global-id.js';
import {
  type Comparator,
  compares,
  comparesList,
  type FilterField,
  holds,
  plainText,
  type TextListComparator,
} from './filter.js';
import { matchesQuery } from './search.js';

/** The kinds of fields by which a list can be filtered. `column` is a column of its table. */

const columnOf = (name: string): Sql => raw(`r."${name}"`);

/** Ids of one type, global or plain. */
export const idField = (column: string, type: NodeEntity, description: string): FilterField<Comparator<string>> => ({
  operand: 'ID',
  description,
  condition: compares(columnOf(column), 'text', (value, path) => readId(type, value, path)),
});

export const textField = (column: string, description: string): FilterField<Comparator<string>> => ({
  operand: 'String',
  description,
  condition: compares(columnOf(column), 'text', plainText),
});

/** A text that identifies objects. It is stored and compared in composed form. */
export const keyField = (column: string, description: string): FilterField<Comparator<string>> => ({
  operand: 'String',
  description,
  condition: compares(columnOf(column), 'text', (value, path) => keyForm(plainText(value, path))),
});

/** A case-insensitive text. Its index is over `lower(column)`. */
export const caselessField = (column: string, description: string): FilterField<Comparator<string>> => ({
  operand: 'String',
  description,
  // The database folds both sides, because JavaScript folds some letters differently.
  condition: compares(
    raw(`lower(r."${column}")`),
    'text',
    (value, path) => sql`lower(${oneSpelling(plainText(value, path))})`,
  ),
});

export const enumField = <Name extends EnumName>(
  column: string,
  name: Name,
  description: string,
): FilterField<Comparator<EnumValue<Name>>> => ({
  operand: { enum: name },
  description,
  condition: compares(columnOf(column), `"${name}"`),
});

export const intField = (column: string, description: string): FilterField<Comparator<number>> => ({
  operand: 'Int',
  description,
  condition: compares(columnOf(column), 'int'),
});

export const bigIntField = (column: string, description: string): FilterField<Comparator<bigint | number>> => ({
  operand: 'BigInt',
  description,
  condition: compares(columnOf(column), 'bigint'),
});

export const timeField = (column: string, description: string): FilterField<Comparator<Date>> => ({
  operand: 'DateTime',
  description,
  condition: compares(columnOf(column), 'timestamptz'),
});

export const textListField = (column: string, description: string): FilterField<TextListComparator> => ({
  operand: 'STRING_LIST',
  description,
  condition: comparesList(columnOf(column)),
  isUneven: true,
});

/** A Boolean filter by a condition. */
export const flagField = (condition: Sql, description: string): FilterField<boolean> => ({
  operand: 'FLAG',
  description,
  condition: holds(condition),
});

/** Words, each of which must be the beginning of a word in the full text index of the table. */
export const wordsField = (description: string): FilterField<string> => ({
  operand: 'TEXT',
  description,
  condition: (value, path) => matchesQuery(value, path),
  isUneven: true,
});
