import { badInput } from '../../errors.js';
import { empty, join, opaque, type RowValues, raw, type Sql, sql } from '../database.js';
import type { Projection, Table } from '../reading/tables.js';
import { type Cursor, decodeCursor, type Ordering } from './ordering.js';

/**
 * Keyset pagination: a page is what follows (or precedes) a row in an order that no two rows share, so it costs
 * the same at any depth and stays put when rows are inserted before it. The sort key and the id are compared as
 * one row value, which PostgreSQL answers from an index that ends in (sort key, id).
 */

export interface PageRequest {
  /** How many rows, 0 to 100. */
  limit: number;
  /** True for the last rows of the range instead of the first ones. The rows keep their order. */
  backward: boolean;
  after?: Cursor;
  before?: Cursor;
  /** How many rows to pass over first; given for pages that are numbered. */
  offset?: number;
}

export interface Page<Row> {
  rows: Row[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  /** Whether the last rows of the range were asked for. */
  isBackward?: boolean;
  ordering: Ordering<Row>;
}

/** The arguments of a connection, as the Relay specification names them. */
export interface PageArguments {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  /** For those who number pages; where the specification has none. */
  offset?: number | null | undefined;
}

export const defaultPageSize = 20;
export const maxPageSize = 100;

/** Which columns of a row are wanted, all when `columns` is left out, and which rows that it points to. */
export interface Selection {
  columns?: readonly string[];
  related?: Readonly<Record<string, Selection>>;
}

/** A row of another table that the statement fetches along with each row. */
export interface RelatedRow {
  /** The property under which the related row is attached. */
  name: string;
  /** Its name in SQL. */
  alias: string;
  projection: Projection<object>;
  table: Table<object>;
  /** Joins the row that points to it to this alias. */
  on: Sql;
  /** The rows that it points to in turn. */
  related: readonly RelatedRow[];
}

/** A page of another list that the statement reads along with each row, such as the messages of each conversation. */
export interface NestedPage {
  /** How many rows each row brings at most. */
  readonly limit: number;
  readonly width: number;
  /** The page of the row whose id `parentId` is. */
  statement(parentId: Sql): Sql;
  /** Takes the rows of the pages, in the order of the ids. */
  take(parentIds: readonly string[], pages: readonly (readonly RowValues[])[]): void;
}

export interface Listing<Row extends { id: string }> {
  table: Table<Row>;
  /** Conditions over the alias `r`; the workspace's is always among them. */
  where: readonly Sql[];
  ordering: Ordering<Row>;
  page: PageRequest;
  /** The columns to read beside those of the order and the id; all when left out. */
  columns?: readonly string[] | undefined;
  related?: readonly RelatedRow[];
  /** Read along where it can be; whoever asks for it takes it. */
  nested?: NestedPage | undefined;
  /** 'anew' where the best plan depends on the values, as it does for words and tags: rare and common ones differ. */
  planned?: 'once' | 'anew';
}

/** The condition of every list: the rows of this workspace. */
export const ofWorkspace = (workspaceId: string): Sql => sql`r."workspaceId" = ${opaque(workspaceId)}`;

/** The parents whose children are listed, each with a page of its own. */
export interface Parents {
  /** The column of `r` that holds the parent's id. */
  column: Sql;
  ids: readonly string[];
}

/**
 * The page that a connection's arguments ask for: the first 20 rows when they say nothing.
 * @throws BAD_USER_INPUT at `first`, `last`, `after`, `before` or `offset`.
 */
export function pageRequest(args: PageArguments, ordering: Ordering<never>): PageRequest {
  const { first, last, offset } = args;
  // Clients that keep their cursor in a text begin with an empty one.
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
 * One row more than asked for tells whether there is a further page. The limit stands in the text, because for one that it
 * does not know the planner expects a tenth of all rows.
 */
export function pageStatement<Row extends { id: string }>(listing: Listing<Row>, where: readonly Sql[]): Sql {
  const { table, ordering, page, related = [] } = listing;
  const { expression, type } = ordering.key;
  const ascending = ordering.direction === 'ASC';
  const conditions = [...where];
  const beyond = (cursor: Cursor, upwards: boolean) =>
    sql`(${expression}, r."id") ${upwards ? greater : less} (${opaque(cursor.key)}::${raw(`"${type}"`)}, ${opaque(cursor.id)})`;
  if (page.after) conditions.push(beyond(page.after, ascending));
  if (page.before) conditions.push(beyond(page.before, !ascending));
  // What is passed over is read of the index alone: of the rows no more than of any other page.
  if (page.offset) {
    conditions.push(sql`(${expression}, r."id") ${ascending ? greater : less}= (
      SELECT ${expression}, r."id" FROM ${table.name} AS r WHERE ${join([...where], ' AND ')}
      ORDER BY ${expression}${ascending ? empty : descending}, r."id"${ascending ? empty : descending}
      OFFSET ${page.offset} LIMIT 1)`);
  }
  const towards = ascending === page.backward ? descending : empty;

  const all = flat(related);
  const columns = [
    projectionOf(listing).select('r'),
    ...all.map(({ alias, projection }) => projection.select(`"${alias}"`)),
  ];
  const joins = all.map((one) => sql`LEFT JOIN ${one.table.name} AS ${raw(`"${one.alias}"`)} ON ${one.on}`);
  return sql`SELECT ${join(columns)} FROM ${table.name} AS r ${joins.length > 0 ? join(joins, ' ') : empty}
    WHERE ${join(conditions, ' AND ')}
    ORDER BY ${expression}${towards}, r."id"${towards} LIMIT ${raw(String(page.limit + 1))}`;
}

const greater = raw('>');
const less = raw('<');
const descending = raw(' DESC');

export const projectionOf = <Row extends { id: string }>({ table, columns, ordering }: Listing<Row>): Projection<Row> =>
  table.project(columns && [...columns, ...ordering.key.columns, 'id']);

/** Reads the values of one result row, in the order in which `pageStatement` selects them. */
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

/** Each related row, and behind it those that it points to. */
const flat = (related: readonly RelatedRow[]): RelatedRow[] =>
  related.flatMap((one) => (one.related.length > 0 ? [one, ...flat(one.related)] : one));

/** Puts the related rows, whose values begin at `offset`, into the row; gives the place behind them. */
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

/** It says what lies beyond its ends as far as that is known without looking. */
export const emptyPage = <Row extends { id: string }>({ page, ordering }: Listing<Row>): Page<Row> => ({
  rows: [],
  hasNextPage: page.backward && page.before !== undefined,
  hasPreviousPage: !page.backward && isBehindOthers(page),
  isBackward: page.backward,
  ordering,
});

const isBehindOthers = ({ after, offset }: PageRequest): boolean => after !== undefined || !!offset;
