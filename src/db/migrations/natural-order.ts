import type pg from 'pg';

/**
 * Rebuilds the index of names if the library that sorts them has another version than when the index was built. Its
 * order may have changed, and the index would no longer find its entries. Returns whether it was rebuilt. Only for a
 * database that nobody else uses yet, because it blocks writers; on a server, operators do it.
 */
export async function renewNaturalOrder(database: Pick<pg.ClientBase, 'query'>): Promise<boolean> {
  const { rows } = await database.query(`
    select from pg_collation
    where collname = 'natural' and collnamespace = current_schema()::regnamespace
      and collversion is distinct from pg_collation_actual_version(oid)`);
  if (rows.length === 0) return false;
  await database.query(`reindex index "Customer_name_idx"`);
  await database.query(`alter collation "natural" refresh version`);
  return true;
}
