import { type RowValues, raw, type Sql, sql } from '../database.js';
import { type Listing, type NestedPage, type Page, pageStatement, projectionOf, rowReader, toPage } from './keyset.js';

/** The page in a form that can be nested. `column` of its rows is the id of the parent row. */
export function nestedPage<Child extends { id: string }>(
  listing: Listing<Child>,
  column: keyof Child & string,
  take: (parentIds: readonly string[], pages: readonly Page<Child>[]) => void,
): NestedPage {
  const reader = rowReader(listing);
  const pageOf = (rows: readonly RowValues[]) =>
    toPage(
      listing,
      rows.map((row) => reader.row(row)),
    );
  return {
    limit: listing.page.limit,
    width: reader.width,
    statement: (parentId) => pageStatement(listing, [...listing.where, sql`r.${raw(`"${column}"`)} = ${parentId}`]),
    take: (parentIds, pages) => take(parentIds, pages.map(pageOf)),
  };
}

/** Above this number of rows, the nested pages are read by a separate statement. */
export const maxNestedRows = 1_000;

export const canNest = ({ page, planned }: Pick<Listing<never>, 'page' | 'planned'>, nested: NestedPage): boolean =>
  planned !== 'anew' && page.limit * nested.limit <= maxNestedRows;

/**
 * The rows that `own` reads for the listing, with the nested page of each of them, or of the first `limit` ones. The result
 * has one row per child. Only the first of them, or the row of a parent without children, contains the parent's values.
 */
export function withNested<Row extends { id: string }>(
  listing: Listing<Row>,
  own: Sql,
  nested: NestedPage,
  limit?: number,
): Sql {
  const parentNames = names('p', rowReader(listing).width);
  const childNames = names('c', nested.width).join();
  const parentId = `parent.p${projectionOf(listing).columns.indexOf('id')}`;
  const onceEach = parentNames.map((name) => `CASE WHEN child.place > 1 THEN NULL ELSE parent.${name} END`);
  return sql`SELECT ${raw(`${onceEach.join()}, ${childNames}`)}, child.place::int
    FROM (SELECT r.*, row_number() OVER () FROM (${own}) AS r) AS parent(${raw(parentNames.join())}, place)
    LEFT JOIN LATERAL (SELECT r.*, row_number() OVER () FROM (${nested.statement(raw(parentId))}) AS r) AS child(${raw(childNames)}, place)
      ON ${raw(limit === undefined ? 'true' : `parent.place <= ${limit}`)}
    ORDER BY parent.place, child.place`;
}

/** The values of a row, and those of the rows of its nested page. */
export interface Nest {
  parent: RowValues;
  children: RowValues[];
}

/** The rows in the result of `withNested`. `width` is the number of values of a row itself. */
export function nestsOf(values: readonly RowValues[], width: number, nested: NestedPage): Nest[] {
  const nests: Nest[] = [];
  for (const value of values) {
    const place = value[width + nested.width];
    if (place === null || place === 1) nests.push({ parent: value, children: [] });
    if (place !== null) nests.at(-1)?.children.push(value.slice(width));
  }
  return nests;
}

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
