import { type Database, join, opaque, raw, sql } from '../database.js';
import { anchorAt, keepAnchor } from './anchors.js';
import { emptyPage, type Listing, type Page, type Parents, pageStatement, rowReader, toPage } from './keyset.js';
import { canNest, nestsOf, withNested } from './nested.js';

/** One page of the rows that match `where`. One statement; none for a page of size 0. */
export async function readPage<Row extends { id: string }>(db: Database, listing: Listing<Row>): Promise<Page<Row>> {
  if (listing.page.limit === 0) return emptyPage(listing);
  const { offset } = listing.page;
  const anchor = offset ? anchorAt(listing, offset) : undefined;
  const { offset: _passed, ...behind } = listing.page;
  const asked = anchor ? { ...listing, page: { ...behind, after: anchor } } : listing;
  const page = toPage(listing, await readRowsOfPage(db, asked, listing));
  const last = page.rows.at(-1);
  if (offset !== undefined && page.hasNextPage && last) {
    keepAnchor(listing, offset + page.rows.length, { key: listing.ordering.key.of(last), id: last.id });
  }
  return page;
}

async function readRowsOfPage<Row extends { id: string }>(
  db: Database,
  asked: Listing<Row>,
  listing: Listing<Row>,
): Promise<Row[]> {
  const own = pageStatement(asked, listing.where);
  const reader = rowReader(listing);
  const { nested, page } = listing;
  if (!nested || !canNest(listing, nested)) {
    const values = await db.read(own, planOf(listing));
    return values.map((value) => reader.row(value));
  }
  // The additional row that shows whether there is another page gets no children.
  const nests = nestsOf(
    await db.read(withNested(listing, own, nested, page.limit), planOf(listing)),
    reader.width,
    nested,
  );
  const rows = nests.map((nest) => reader.row(nest.parent));
  const shown = nests.slice(0, page.limit);
  nested.take(
    rows.slice(0, page.limit).map(({ id }) => id),
    shown.map(({ children }) => children),
  );
  return rows;
}

/** Whether the range of a page has any rows. One statement. */
export async function hasRows<Row extends { id: string }>(db: Database, listing: Listing<Row>): Promise<boolean> {
  const { rows } = await readPage(db, oneRowOf(listing));
  return rows.length > 0;
}

/** The same for each of many parents. One statement. */
export async function haveRows<Row extends { id: string }>(
  db: Database,
  listing: Listing<Row>,
  parents: Parents,
): Promise<boolean[]> {
  const pages = await readPages(db, oneRowOf(listing), parents);
  return pages.map(({ rows }) => rows.length > 0);
}

const oneRowOf = <Row extends { id: string }>(listing: Listing<Row>): Listing<Row> => ({
  ...listing,
  page: { ...listing.page, limit: 1 },
  columns: ['id'],
  related: [],
  nested: undefined,
});

/** The same page for each of many parents, in the order of their ids. One statement. */
export async function readPages<Row extends { id: string }>(
  db: Database,
  listing: Listing<Row>,
  parents: Parents,
): Promise<Page<Row>[]> {
  if (listing.page.limit === 0) return parents.ids.map(() => emptyPage(listing));
  if (parents.ids.length === 1) {
    const ofParent = sql`${parents.column} = ${opaque(parents.ids[0])}`;
    return [await readPage(db, { ...listing, where: [...listing.where, ofParent] })];
  }
  const perParent = pageStatement(listing, [...listing.where, sql`${parents.column} = parent.id`]);
  const reader = rowReader(listing);
  const columns = Array.from({ length: reader.width }, (_, index) => raw(`c${index}`));
  const values = await db.read(
    sql`SELECT ${join(columns)}, parent.place::int
    FROM unnest(${opaque(parents.ids)}::text[]) WITH ORDINALITY AS parent(id, place)
    CROSS JOIN LATERAL (SELECT r.*, row_number() OVER () FROM (${perParent}) AS r) AS page(${join(columns)}, place)
    ORDER BY parent.place, page.place`,
    planOf(listing),
  );
  const rows: Row[][] = parents.ids.map(() => []);
  for (const value of values) {
    const parentPlace = value[columns.length] as number;
    rows[parentPlace - 1]?.push(reader.row(value));
  }
  return rows.map((rowsOfParent) => toPage(listing, rowsOfParent));
}

const planOf = ({ planned = 'once' }: Pick<Listing<never>, 'planned'>) => ({ planned });
