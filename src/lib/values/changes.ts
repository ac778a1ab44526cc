import { isDeepStrictEqual } from 'node:util';

/** What a write did. */
export type WriteResult = 'CREATED' | 'UPDATED' | 'UNCHANGED';

/** Some of the fields, each with a value. */
type Some<Fields> = { [Field in keyof Fields]?: Exclude<Fields[Field], undefined> };

/** The given fields that differ from the row. Undefined fields are ignored. Null when nothing differs. */
export function changesOf<Fields extends object>(
  row: Required<Some<Fields>>,
  fields: Fields,
): { before: Some<Fields>; after: Some<Fields> } | null {
  const before: Some<Fields> = {};
  const after: Some<Fields> = {};
  for (const field of Object.keys(fields) as (keyof Fields)[]) {
    if (fields[field] === undefined || isDeepStrictEqual(fields[field], row[field])) continue;
    before[field] = row[field];
    after[field] = fields[field] as Exclude<Fields[keyof Fields], undefined>;
  }
  return Object.keys(after).length > 0 ? { before, after } : null;
}

/** The record without its null values, so that a new row gets the defaults for them. */
export function withoutNulls<T extends object>(record: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(record).filter(([, value]) => value != null);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}
