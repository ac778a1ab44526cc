import { type Database, join, type Sql, sql } from '../database.js';

/** A change of a row: its id, and the previous values of the columns that changed. */
export interface RowChange {
  id: string;
  before: Record<string, unknown>;
}

/** Whether a row matches some conditions now, and whether it matched them before the change. */
export interface Match {
  now: boolean;
  before: boolean;
}

/** The change as the key of a loader. Equal changes have equal keys. */
export const keyOfChange = ({ id, before }: RowChange): string => JSON.stringify([id, before]);

/**
 * For each change, given by its key, whether the row matches the conditions, which are on the alias `r`. One statement.
 */
export async function readMatches(
  db: Database,
  table: Sql,
  workspaceId: string,
  conditions: readonly Sql[],
  changes: readonly string[],
): Promise<Match[]> {
  const parsed = changes.map((key) => JSON.parse(key) as [string, object]);
  const ids = parsed.map(([id]) => id);
  const before = parsed.map(([, columns]) => JSON.stringify(columns));
  const met = join([sql`true`, ...conditions], ' AND ');
  const row = sql`FROM ${table} AS c WHERE c."workspaceId" = ${workspaceId} AND c."id" = p."id"`;
  const rows = await db.read(sql`SELECT
      EXISTS (SELECT FROM (SELECT c.* ${row}) AS r WHERE ${met}),
      EXISTS (SELECT FROM (SELECT b.* FROM (SELECT c ${row}) AS o
        CROSS JOIN LATERAL jsonb_populate_record(o.c, p."before"::jsonb) AS b) AS r WHERE ${met})
    FROM unnest(${ids}::text[], ${before}::text[]) WITH ORDINALITY AS p("id", "before", "place") ORDER BY p."place"`);
  return rows.map(([now, then]) => ({ now: now === true, before: then === true }));
}
