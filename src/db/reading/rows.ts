import { type Database, opaque, type Sql, sql } from '../database.js';
import type { Table } from './tables.js';

/** The rows of a workspace with these ids, in the order of the ids; null where there is none. One statement. */
export async function readRows<Row extends { id: string }>(
  db: Database,
  table: Table<Row>,
  workspaceId: string,
  ids: readonly string[],
): Promise<(Row | null)[]> {
  const values = await db.read(sql`SELECT ${table.project().select('r')} FROM ${table.name} AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = ANY(${opaque(ids)}::text[])`);
  const rows = new Map(values.map((value) => table.project().row(value)).map((row) => [row.id, row]));
  return ids.map((id) => rows.get(id) ?? null);
}

/** The one row that meets the condition, which must be over a unique key; null where there is none. */
export async function readRow<Row>(db: Database, table: Table<Row>, condition: Sql): Promise<Row | null> {
  const [values] = await db.read(sql`SELECT ${table.project().select('r')} FROM ${table.name} AS r WHERE ${condition}`);
  return values ? table.project().row(values) : null;
}
