import type { Database } from './database.js';
import {
  countRows,
  countRowsOf,
  type Listing,
  type Page,
  type PageArguments,
  type Parents,
  readPage,
  readPages,
  type Selection,
} from './keyset.js';

/** What a connection asks of a list: which rows, in what order, which page of them. */
export interface ListArguments<Filter, OrderField extends string> extends PageArguments {
  filter?: Filter | null | undefined;
  orderBy?: { field: OrderField; direction: 'ASC' | 'DESC' } | null | undefined;
  /** What is wanted of each row; everything of the row itself when left out. */
  select?: Selection;
}

/** A page of a list, and how many rows the whole list has, counted when asked. */
export interface Connection<Row> {
  page: Page<Row>;
  count(): Promise<number>;
}

/** The list itself. One statement, and one more when the count is asked for. */
export async function readConnection<Row extends { id: string }>(
  db: Database,
  listing: Listing<Row>,
): Promise<Connection<Row>> {
  const page = await readPage(db, listing);
  return { page, count: () => countRows(db, listing.table, listing.where) };
}

/** The list of each parent. One statement for all, and one more when any count is asked for. */
export async function readConnections<Row extends { id: string }>(
  db: Database,
  listing: Listing<Row>,
  parents: Parents,
): Promise<Connection<Row>[]> {
  const pages = await readPages(db, listing, parents);
  let counts: Promise<number[]> | undefined;
  const count = async (place: number) => {
    counts ??= countRowsOf(db, listing.table, listing.where, parents);
    return (await counts)[place] ?? 0;
  };
  return pages.map((page, place) => ({ page, count: () => count(place) }));
}
