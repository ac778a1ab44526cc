import { badInput } from '../../errors.js';
import { empty, join, opaque, type RowValues, raw, type Sql, sql } from '../database.js';
import type { Projection, Table } from '../reading/tables.js';
import { type Cursor, decodeCursor, type Ordering } from './ordering.js';

/**
 * Keyset pagination: a page consists of the rows after (or before) a row, in an order in which every row has a distinct
 * position. So a page costs the same at any depth, and does not shift when rows are inserted before it. The sort key
 * and the id are compared as one row value, which an index on (sort key, id) can answer.
 */

export interface PageRequest {
  /** The number of rows, 0 to 100. */
  limit: number;
  /** True for the last rows of the range instead of the first ones. The rows keep their order. */
  backward: boolean;
  after?: Cursor;
  before?: Cursor;
  /** How many rows to skip first, for numbered pages. */
  offset?: number;
}

export interface Page<Row> {
  rows: Row[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  /** Whether the last rows of the range were requested. */
  isBackward?: boolean;
  ordering: Ordering<Row>;
}

/** The arguments of a connection, as the Relay specification names them. */
export interface PageArguments {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  /** For numbered pages. It is not part of the Relay specification. */
  offset?: number | null | undefined;
}

export const defaultPageSize = 20;
export const maxPageSize = 100;

/** The columns of a row to read, all when `columns` is left out, and the related rows. */
export interface Selection {
  columns?: readonly string[];
  related?: Readonly<Record<string, Selection>>;
}

/** A row of another table that the statement fetches together with each row. */
export interface RelatedRow {
  /** The property under which the related row is attached. */
  name: string;
  /** Its alias in SQL. */
  alias: string;
  projection: Projection<object>;
  table: Table<object>;
  /** The condition that joins the parent row to this alias. */
  on: Sql;
  /** The rows that it refers to. */
  related: readonly RelatedRow[];
}

/** A page of another list that the statement reads for each row, such as the messages of each conversation. */
export interface NestedPage {
  /** The maximum number of nested rows per row. */
  readonly limit: number;
  readonly width: number;
  /** The statement for the page of the row with the id `parentId`. */
  statement(parentId: Sql): Sql;
  /** Receives the rows of the pages, in the order of the ids. */
  take(parentIds: readonly string[], pages: readonly (readonly RowValues[])[]): void;
}

export interface Listing<Row extends { id: string }> {
  table: Table<Row>;
  /** Conditions on the alias `r`. They always include the condition on the workspace. */
  where: readonly Sql[];
  ordering: Ordering<Row>;
  page: PageRequest;
  /** The columns to read in addition to those of the order and the id; all when left out. */
  columns?: readonly string[] | undefined;
  related?: readonly RelatedRow[];
  /** A nested page, which is read in the same statement if possible. Its requester takes the rows. */
  nested?: NestedPage | undefined;
  /** 'anew' where the best plan depends on the values, as with words and tags, which can be rare or common. */
  planned?: 'once' | 'anew';
}

/** The condition of every list: the rows of this workspace. */
export const ofWorkspace = (workspaceId: string): Sql => sql`r."workspaceId" = ${opaque(workspaceId)}`;

/** The parents whose children are listed. Each has a page of its own. */
export interface Parents {
  /** The column of `r` with the parent's id. */
  column: Sql;
  ids: readonly string[];
}

/**
 * The page for a connection's arguments; by default the first 20 rows.
 * @throws BAD_USER_INPUT at `first`, `last`, `after`, `before` or `offset`.
 */
export function pageRequest(args: PageArguments, ordering: Ordering<never>): PageRequest {
  const { first, last, offset } = args;
  // Clients that keep their cursor in a string begin with an empty one.
  const [after, before] = [args.after || null, args.before || null];
  if (first != null && last != null) throw badInput(['last'], 'first and last cannot be used together.');
  for (const [name, size] of [
    ['first', first],
    ['last', last],
  ] as const) {
    if (size != null && (size < 0 || size > maxPageSize)) {
      throw badInput([name], `${name} must be from 0 to ${maxPageSize}.`);
    }
  }
  if (offset != null && offset < 0) throw badInput(['offset'], 'offset must not be negative.');
  if (offset != null && [last, after, before].some((other) => other != null)) {
    throw badInput(['offset'], 'offset cannot be used together with last, after or before.');
  }
  return {
    limit: first ?? last ?? defaultPageSize,
    backward: last != null,
    ...(offset != null && { offset }),
    ...(after != null && { after: decodeCursor(ordering, after, ['after']) }),
    ...(before != null && { before: decodeCursor(ordering, before, ['before']) }),
  };
}

/**
 * Reads one row more than requested, to tell whether there is another page. The limit is in the text, because for an
 * unknown limit the planner assumes a tenth of all rows.
 */
export function pageStatement<Row extends { id: string }>(listing: Listing<Row>, where: readonly Sql[]): Sql {
  const { table, ordering, page } = listing;
  const { expression, type } = ordering.key;
  const ascending = ordering.direction === 'ASC';
  const conditions = [...where];
  const beyond = (cursor: Cursor, upwards: boolean) =>
    sql`(${expression}, r."id") ${upwards ? greater : less} (${opaque(cursor.key)}::${raw(`"${type}"`)}, ${opaque(cursor.id)})`;
  if (page.after) conditions.push(beyond(page.after, ascending));
  if (page.before) conditions.push(beyond(page.before, !ascending));
  // Skipped rows are read only from the index. The rows of the page are then read from the table.
  if (page.offset) {
    conditions.push(sql`(${expression}, r."id") ${ascending ? greater : less}= (
      SELECT ${expression}, r."id" FROM ${table.name} AS r WHERE ${join([...where], ' AND ')}
      ORDER BY ${expression}${ascending ? empty : descending}, r."id"${ascending ? empty : descending}
      OFFSET ${page.offset} LIMIT 1)`);
  }
  const towards = ascending === page.backward ? descending : empty;
  return sql`${rowsWhere(listing, conditions)}
    ORDER BY ${expression}${towards}, r."id"${towards} LIMIT ${raw(String(page.limit + 1))}`;
}

/** Reads all rows of the listing's table that match, in any order. */
export function rowsWhere<Row extends { id: string }>(listing: Listing<Row>, conditions: readonly Sql[]): Sql {
  const all = flat(listing.related ?? []);
  const columns = [
    projectionOf(listing).select('r'),
    ...all.map(({ alias, projection }) => projection.select(`"${alias}"`)),
  ];
  const joins = all.map((one) => sql`LEFT JOIN ${one.table.name} AS ${raw(`"${one.alias}"`)} ON ${one.on}`);
  return sql`SELECT ${join(columns)} FROM ${listing.table.name} AS r ${joins.length > 0 ? join(joins, ' ') : empty}
    WHERE ${join([...conditions], ' AND ')}`;
}

const greater = raw('>');
const less = raw('<');
const descending = raw(' DESC');

export const projectionOf = <Row extends { id: string }>({ table, columns, ordering }: Listing<Row>): Projection<Row> =>
  table.project(columns && [...columns, ...ordering.key.columns, 'id']);

/** Returns a function that converts the values of a result row, in the order in which `pageStatement` selects them. */
export function rowReader<Row extends { id: string }>(listing: Listing<Row>) {
  const own = projectionOf(listing);
  const related = listing.related ?? [];
  return {
    width: flat(related).reduce((sum, { projection }) => sum + projection.width, own.width),
    row(values: RowValues): Row {
      const row = own.row(values);
      attach(row, related, values, own.width);
      return row;
    },
  };
}

/** The related rows, each followed by its own related rows. */
const flat = (related: readonly RelatedRow[]): RelatedRow[] =>
  related.flatMap((one) => (one.related.length > 0 ? [one, ...flat(one.related)] : one));

/** Attaches the related rows, whose values begin at `offset`, to the row. Returns the offset after them. */
function attach(row: object, related: readonly RelatedRow[], values: RowValues, offset: number): number {
  let place = offset;
  for (const one of related) {
    const found = one.projection.row(values, place) as { id: string | null };
    (row as Record<string, unknown>)[one.name] = found.id === null ? null : found;
    place = attach(found, one.related, values, place + one.projection.width);
  }
  return place;
}

export function toPage<Row extends { id: string }>({ page, ordering }: Listing<Row>, rows: Row[]): Page<Row> {
  const more = rows.length > page.limit;
  if (more) rows.pop();
  if (page.backward) rows.reverse();
  return {
    rows,
    hasNextPage: page.backward ? page.before !== undefined : more,
    hasPreviousPage: page.backward ? more : isBehindOthers(page),
    ordering,
  };
}

/** An empty page. Its page info is what can be known without a query. */
export const emptyPage = <Row extends { id: string }>({ page, ordering }: Listing<Row>): Page<Row> => ({
  rows: [],
  hasNextPage: page.backward && page.before !== undefined,
  hasPreviousPage: !page.backward && isBehindOthers(page),
  isBackward: page.backward,
  ordering,
});

const isBehindOthers = ({ after, offset }: PageRequest): boolean => after !== undefined || !!offset;
