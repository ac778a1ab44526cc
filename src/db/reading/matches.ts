import { type Database, join, type Sql, sql } from '../database.js';

/** A change of a row: which row, and the columns that the change has given other values, as they were before it. */
export interface RowChange {
  id: string;
  before: Record<string, unknown>;
}

/** Whether a row meets some conditions as it is now, and whether it did before the change. */
export interface Match {
  now: boolean;
  before: boolean;
}

/** The change as a loader's key: equal for equal changes. */
export const keyOfChange = ({ id, before }: RowChange): string => JSON.stringify([id, before]);

/** For each change, by its key, whether the row meets the conditions, which are on the alias `r`. One statement. */
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
