import { type Database, empty, opaque, raw, type Sql, sql } from '../../db/database.js';
import type { SearchQuery } from '../../db/lists/search.js';
import type { Table } from '../../db/reading/tables.js';

/** A matching row. Its score, from 0 to 1, is higher for a better match. */
export interface Hit<Row> {
  row: Row;
  score: number;
}

/** A table with a `search` column, and the rows of it that are searched. */
export interface Source<Row> {
  table: Table<Row>;
  /** The columns to read in addition to the id; all when left out. */
  columns?: readonly string[] | undefined;
  /** The time by which rows are new or old, with the alias `r`; there is an index on (workspaceId, newness, id). */
  newness: Sql;
  /** The predicate of that index, with the alias `r`. */
  visible: Sql;
  /**
   * Another way to find rows. `newest` is a condition on `r`, `all` a statement of ids and newness, and rows that match
   * `named` are exactly what was searched for. `usesWords` says whether `newest` reads an index on words.
   */
  otherwise?: { newest: Sql; all: Sql; named: Sql; usesWords: boolean };
}

interface WordHit<Row> extends Hit<Row> {
  /** Whether the row contains the whole words, not only words that begin with them. */
  whole: boolean;
  at: number;
}

/** How many of the newest rows are read before the index on words is used. */
const newestRows = 1_000;
/** How many of the newest matches are ranked. */
export const rankedMatches = 200;

/**
 * Written into the statements, because for a limit that it does not know, the planner of a prepared statement assumes a
 * tenth of all rows.
 */
const newestLimit = raw(`LIMIT ${newestRows}`);
const rankedLimit = raw(`LIMIT ${rankedMatches}`);

/**
 * The best of the newest `rankedMatches` rows with the words of the query: whole words before beginnings of words, then by
 * rank, then the newest.
 *
 * The index on words returns matches in no order, so a common word would read all of its rows. Therefore the newest
 * `newestRows` rows are searched first, without the index. The index is used only when they have too few matches, so that
 * the words are probably rare in older rows too. One to three statements.
 */
export async function findByWords<Row extends { id: string }>(
  db: Database,
  workspaceId: string,
  source: Source<Row>,
  query: SearchQuery,
  limit: number,
): Promise<Hit<Row>[]> {
  const { table, columns, newness, visible, otherwise } = source;
  const projection = table.project(columns && [...columns, 'id']);
  const rowsOf = (workspace: unknown) =>
    sql`FROM ${table.name} AS r WHERE r."workspaceId" = ${workspace} AND ${visible}`;
  const best = async (matches: Sql, planned: 'once' | 'anew'): Promise<WordHit<Row>[]> => {
    const statement = sql`SELECT ${projection.select('r')}, whole, ${newness},
        CASE WHEN named THEN 1
          ELSE CASE WHEN whole THEN 0.6 ELSE 0.3 END + 0.3 * LEAST(ts_rank(r."search", ${query.begun}), 0.99) END AS score
      FROM (${matches}) AS r
      CROSS JOIN LATERAL (SELECT ${otherwise?.named ?? sql`false`} AS named) AS name
      CROSS JOIN LATERAL (SELECT named OR r."search" @@ ${query.whole} AS whole) AS kind
      ORDER BY score DESC, ${newness} DESC, r."id" DESC LIMIT ${limit}`;
    return (await db.read(statement, { planned })).map((values) => {
      const [whole, at, score] = values.slice(projection.width) as [boolean, Date, number];
      return { row: projection.row(values), score, whole, at: at.getTime() };
    });
  };
  const amongNewest = sql`SELECT * FROM (SELECT r.* ${rowsOf(opaque(workspaceId))} ORDER BY ${newness} DESC, r."id" DESC ${newestLimit}) AS r
    WHERE r."search" @@ ${query.begun} ${otherwise ? sql`OR ${otherwise.newest}` : empty} ${rankedLimit}`;
  // Materialized, so that the planner does not scan the rows from the newest until it has enough matches.
  const amongAll = (condition: Sql) => sql`WITH matches AS MATERIALIZED
      (SELECT r."id", ${newness} AS newness ${rowsOf(workspaceId)} AND r."search" @@ ${condition} ${otherwise ? sql`UNION ${otherwise.all}` : empty})
    SELECT r.* FROM (SELECT "id" FROM matches ORDER BY newness DESC, "id" DESC ${rankedLimit}) AS match
    CROSS JOIN LATERAL (SELECT * FROM ${table.name} AS r WHERE r."workspaceId" = ${workspaceId} AND r."id" = match."id" LIMIT 1) AS r`;

  // The plan for the newest rows does not depend on the words; the plan with the index on words does.
  const recent = await best(amongNewest, otherwise?.usesWords ? 'anew' : 'once');
  if (recent.filter(({ whole }) => whole).length === limit) return recent;
  const whole = await best(amongAll(query.whole), 'anew');
  const both = merge(whole, recent);
  if (both.length >= limit) return both.slice(0, limit);
  return merge(whole, await best(amongAll(query.begun), 'anew')).slice(0, limit);
}

/** The sorted hits of both, without duplicates. */
function merge<Row extends { id: string }>(some: WordHit<Row>[], others: WordHit<Row>[]): WordHit<Row>[] {
  const hits = new Map([...some, ...others].map((hit) => [hit.row.id, hit]));
  return [...hits.values()].sort(
    (one, other) => other.score - one.score || other.at - one.at || (one.row.id < other.row.id ? 1 : -1),
  );
}
