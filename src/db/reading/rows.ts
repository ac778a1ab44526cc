import { notFound } from '../../errors.js';
import { type Database, opaque, type RowValues, raw, type Sql, sql, type Transaction } from '../database.js';
import { type OwnedEntity, wordsOf } from '../global-id.js';
import { joiner } from '../joining.js';
import { type Projection, type RowOf, type Table, tableOf } from './tables.js';

const joinRows = joiner<string, RowValues | undefined>();

/**
 * The rows of a workspace with these ids, in the order of the ids; null for missing ones. Reads all columns, or the
 * given ones and the id. One statement, which requests that read the same columns at once share.
 */
export async function readRows<Row extends { id: string }>(
  db: Database,
  table: Table<Row>,
  workspaceId: string,
  ids: readonly string[],
  columns?: readonly string[],
): Promise<(Row | null)[]> {
  const projection = table.project(columns && [...columns, 'id']);
  const what = `${table.model} ${workspaceId} ${columns ? projection.columns.join() : ''}`;
  const read = (wanted: readonly string[]) => readValues(db, table, projection, workspaceId, wanted);
  const values = await joinRows(db, { what }, read, ids);
  return values.map((value) => (value ? projection.row(value) : null));
}

async function readValues<Row>(
  db: Database,
  { name }: Table<Row>,
  { select, columns }: Projection<Row>,
  workspaceId: string,
  ids: readonly string[],
): Promise<(RowValues | undefined)[]> {
  const values = await db.read(sql`SELECT ${select('r')} FROM ${name} AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = ANY(${opaque(ids)}::text[])`);
  const place = columns.indexOf('id');
  const byId = new Map(values.map((value) => [value[place], value]));
  return ids.map((id) => byId.get(id));
}

/** The row that matches the condition, which must be on a unique key; null when there is none. */
export async function readRow<Row>(db: Database, table: Table<Row>, condition: Sql): Promise<Row | null> {
  const [values] = await db.read(sql`SELECT ${table.project().select('r')} FROM ${table.name} AS r WHERE ${condition}`);
  return values ? table.project().row(values) : null;
}

/**
 * The row with this id, locked until the transaction ends. With 'NO KEY UPDATE' others can meanwhile write rows that
 * refer to it.
 * @throws NOT_FOUND at `path` when the workspace has none.
 */
export async function lockRow<Model extends OwnedEntity>(
  tx: Transaction,
  model: Model,
  { workspaceId, id }: { workspaceId: string; id: string },
  { strength = 'UPDATE', path = ['id'] }: { strength?: 'UPDATE' | 'NO KEY UPDATE'; path?: readonly string[] } = {},
): Promise<RowOf<Model>> {
  const table = tableOf(model);
  const [row] = await tx.$queryRaw<RowOf<Model>[]>(sql`SELECT ${table.project().select('r')} FROM ${table.name} AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = ${id} FOR ${raw(strength)}`);
  if (!row) throw notFound(wordsOf(model), path);
  return row;
}
