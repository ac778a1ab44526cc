import { type Database, join, opaque, type Sql, sql } from '../database.js';
import type { Table } from '../reading/tables.js';
import type { Parents } from './keyset.js';

/** How many rows meet the conditions. */
export async function countRows(db: Database, table: Table<object>, where: readonly Sql[]): Promise<number> {
  const [row] = await db.read(sql`SELECT count(*) FROM ${table.name} AS r WHERE ${join(where, ' AND ')}`);
  return Number(row?.[0]);
}

/** How many rows each parent has that meet the conditions, in the order of their ids. */
export async function countRowsOf(
  db: Database,
  table: Table<object>,
  where: readonly Sql[],
  parents: Parents,
): Promise<number[]> {
  const conditions = join([...where, sql`${parents.column} = ANY(${opaque(parents.ids)}::text[])`], ' AND ');
  const rows = await db.read(sql`SELECT ${parents.column}, count(*) FROM ${table.name} AS r
    WHERE ${conditions} GROUP BY 1`);
  const counts = new Map(rows.map(([id, count]) => [id, Number(count)]));
  return parents.ids.map((id) => counts.get(id) ?? 0);
}
