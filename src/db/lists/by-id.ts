import { type Database, opaque, sql } from '../database.js';
import { joiner } from '../joining.js';
import { type Listing, projectionOf, rowReader, rowsWhere } from './keyset.js';
import { maxNestedRows, type Nest, nestsOf, withNested } from './nested.js';

const joinNests = joiner<string, Nest | undefined>();

/**
 * The rows of the listing with these ids; null for missing ones. The nested page of each, if there is one, is passed to
 * its requester, unless that would be too many rows. One statement, which requests share. Listings of a table may have the
 * same name `what` only if they differ in nothing, not even in the workspace.
 */
export async function readByIds<Row extends { id: string }>(
  db: Database,
  listing: Listing<Row>,
  what: string,
  ids: readonly string[],
): Promise<(Row | null)[]> {
  const { nested } = listing;
  const most = nested && Math.floor(maxNestedRows / nested.limit);
  const isTooMuch = most !== undefined && ids.length > most;
  const asked = isTooMuch ? { ...listing, nested: undefined } : listing;
  const nests = await joinNests(
    db,
    { what: `${listing.table.model} ${what}`, most },
    (wanted) => readNests(db, asked, wanted),
    ids,
  );
  asked.nested?.take(
    ids,
    nests.map((nest) => nest?.children ?? []),
  );
  const reader = rowReader(listing);
  return nests.map((nest) => (nest ? reader.row(nest.parent) : null));
}

async function readNests<Row extends { id: string }>(
  db: Database,
  listing: Listing<Row>,
  ids: readonly string[],
): Promise<(Nest | undefined)[]> {
  const { where, nested } = listing;
  const rows = rowsWhere(listing, [...where, sql`r."id" = ANY(${opaque(ids)}::text[])`]);
  const nests = nested
    ? nestsOf(await db.read(withNested(listing, rows, nested)), rowReader(listing).width, nested)
    : (await db.read(rows)).map((parent) => ({ parent, children: [] }));
  const place = projectionOf(listing).columns.indexOf('id');
  const byId = new Map(nests.map((nest) => [nest.parent[place], nest]));
  return ids.map((id) => byId.get(id));
}
