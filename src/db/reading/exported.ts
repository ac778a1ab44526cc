import { sql } from '../database.js';
import type { Read } from './snapshot.js';
import type { Table } from './tables.js';

const pageSize = 500;

/** All rows of a workspace in a table, by page, in the order of their ids. */
export async function* exportedRows<Row extends { id: string }>(
  read: Read,
  table: Table<Row>,
  workspaceId: string,
): AsyncGenerator<Row[]> {
  const columns = table.project();
  for (let after = ''; ; ) {
    const values = await read(sql`SELECT ${columns.select('r')} FROM ${table.name} AS r
      WHERE r."workspaceId" = ${workspaceId} AND r."id" > ${after} ORDER BY r."id" LIMIT ${pageSize}`);
    const rows = values.map((value) => columns.row(value));
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = last.id;
  }
}
