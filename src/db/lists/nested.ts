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
const maxNestedRows = 1_000;

export const canNest = ({ page, planned }: Pick<Listing<never>, 'page' | 'planned'>, nested: NestedPage): boolean =>
  planned !== 'anew' && page.limit * nested.limit <= maxNestedRows;

/**
 * The page with the nested page of each row; `own` is the statement of the page itself. The result has one row per
 * child. Only the first of them, or the row of a parent without children, contains the parent's values.
 */
export function withNested<Row extends { id: string }>(listing: Listing<Row>, own: Sql, nested: NestedPage): Sql {
  const parentNames = names('p', rowReader(listing).width);
  const childNames = names('c', nested.width).join();
  const parentId = `parent.p${projectionOf(listing).columns.indexOf('id')}`;
  const onceEach = parentNames.map((name) => `CASE WHEN child.place > 1 THEN NULL ELSE parent.${name} END`);
  // The additional row that shows whether there is another page gets no children.
  return sql`SELECT ${raw(`${onceEach.join()}, ${childNames}`)}, child.place::int
    FROM (SELECT r.*, row_number() OVER () FROM (${own}) AS r) AS parent(${raw(parentNames.join())}, place)
    LEFT JOIN LATERAL (SELECT r.*, row_number() OVER () FROM (${nested.statement(raw(parentId))}) AS r) AS child(${raw(childNames)}, place)
      ON parent.place <= ${raw(String(listing.page.limit))}
    ORDER BY parent.place, child.place`;
}

/** The rows of the page from the result of `withNested`. The nested pages are passed to their requester. */
export function takeNested<Row extends { id: string }>(
  listing: Listing<Row>,
  nested: NestedPage,
  values: readonly RowValues[],
): Row[] {
  const reader = rowReader(listing);
  const rows: Row[] = [];
  const children: RowValues[][] = [];
  for (const value of values) {
    const place = value[reader.width + nested.width];
    if (place === null || place === 1) {
      rows.push(reader.row(value));
      children.push([]);
    }
    if (place !== null) children.at(-1)?.push(value.slice(reader.width));
  }
  const { limit } = listing.page;
  nested.take(
    rows.slice(0, limit).map(({ id }) => id),
    children.slice(0, limit),
  );
  return rows;
}

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
