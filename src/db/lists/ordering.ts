import { badInput } from '../../errors.js';
import { $Enums } from '../../generated/prisma/client.js';
import type { Sql } from '../database.js';
import type { EnumName } from '../enums.js';

/** The orders of lists, and the cursors for positions in them. */

/** A sort key. It is never null, so that every row has a position. */
export interface SortKey<Row> {
  /** The SQL expression of the key, on the alias `r`; exactly that of the index. */
  expression: Sql;
  type: 'timestamptz' | 'text' | 'int8' | EnumName;
  /** The columns that `of` needs. */
  columns: readonly string[];
  /** The key of a row, as text from which PostgreSQL reads the same value. */
  of(row: Row): string;
}

/** The sort key for a missing time, in PostgreSQL's syntax. */
export const beforeAllTimes = '-infinity';

export type Direction = 'ASC' | 'DESC';

export interface Ordering<Row> {
  /** Part of the cursor, so that a cursor of another order is refused: "Conversation.CREATED_AT". */
  name: string;
  key: SortKey<Row>;
  direction: Direction;
}

/** A position directly after the row with this key and id. */
export interface Cursor {
  key: string;
  id: string;
}

/** The opaque cursor for the position directly after `row`. */
export function encodeCursor<Row extends { id: string }>(ordering: Ordering<Row>, row: Row): string {
  const place = [ordering.name, ordering.direction, ordering.key.of(row), row.id];
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** Enough for the longest name used as a sort key, with every character escaped. */
const maxCursorLength = 10_000;

/**
 * The position of a cursor of this ordering.
 * @throws BAD_USER_INPUT at `path` when it is invalid, or belongs to another connection or order.
 */
export function decodeCursor(ordering: Ordering<never>, text: string, path: readonly string[]): Cursor {
  const place = text.length > maxCursorLength ? undefined : parseJson(Buffer.from(text, 'base64url').toString());
  if (!Array.isArray(place) || place.length !== 4 || !place.every((part) => typeof part === 'string')) {
    throw badInput(path, 'This is not a cursor.');
  }
  const [name, direction, key, id] = place as [string, string, string, string];
  if (name !== ordering.name || direction !== ordering.direction) {
    throw badInput(path, 'This cursor comes from another connection or from another order.');
  }
  if (!isKeyOf(ordering.key.type, key) || id.includes('\0')) throw badInput(path, 'This is not a cursor.');
  return { key, id };
}

/** Whether PostgreSQL can read the text as a key of the type. */
const isKeyOf = (type: SortKey<never>['type'], key: string): boolean =>
  type in isKey ? isKey[type as keyof typeof isKey](key) : Object.hasOwn($Enums[type as EnumName], key);

const isKey = {
  timestamptz: (key: string) =>
    key === beforeAllTimes || (isoOf(Date.parse(key)) === key && /^(?!0000)\d{4}-/.test(key)),
  text: (key: string) => !key.includes('\0'),
  int8: (key: string) => /^-?\d{1,19}$/.test(key) && BigInt(key) === BigInt.asIntN(64, BigInt(key)),
};

const isoOf = (time: number): string | undefined => (Number.isNaN(time) ? undefined : new Date(time).toISOString());

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
