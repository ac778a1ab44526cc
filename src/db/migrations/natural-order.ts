import type pg from 'pg';

/**
 * Builds the index of names anew when the library that sorts them has another version than at the time it was built: its
 * order may have changed, and the index would no longer find what it holds. Returns whether it was so. For a database that
 * nobody else uses yet: on a server, where it locks out writers, operators do it.
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
