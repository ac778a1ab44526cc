import { type Database, raw, type Sql } from '../database.js';
import { countRows, countRowsOf } from './counts.js';
import {
  encodeCursor,
  type Listing,
  type Ordering,
  ofWorkspace,
  type Page,
  type PageArguments,
  type Parents,
  pageRequest,
  readPage,
  readPages,
  type Selection,
} from './keyset.js';
import { relatedRows } from './relations.js';
import type { Table } from './tables.js';

/** What a connection asks of a list: which rows, in what order, which page of them. */
export interface ListArguments<Filter, OrderField extends string> extends PageArguments {
  filter?: Filter | null | undefined;
  orderBy?: { field: OrderField; direction: 'ASC' | 'DESC' } | null | undefined;
  /** What is wanted of each row; everything of the row itself when left out. */
  select?: Selection;
}

/** A row in a list; its cursor is written when it is asked for. */
class Edge<Row extends { id: string }> {
  constructor(
    readonly node: Row,
    readonly ordering: Ordering<Row>,
  ) {}

  get cursor(): string {
    return encodeCursor(this.ordering, this.node);
  }
}

/** A page of a list as Relay has it, and how many rows the whole list has, counted when asked. */
export class Connection<Row extends { id: string }> {
  constructor(
    readonly page: Page<Row>,
    readonly count: () => Promise<number>,
  ) {}

  get edges(): Edge<Row>[] {
    const { rows, ordering } = this.page;
    return rows.map((node) => new Edge(node, ordering));
  }

  get pageInfo() {
    const { rows, ordering, hasNextPage, hasPreviousPage } = this.page;
    const cursorOf = (row: Row | undefined) => (row ? encodeCursor(ordering, row) : null);
    return {
      hasNextPage,
      hasPreviousPage,
      get startCursor() {
        return cursorOf(rows[0]);
      },
      get endCursor() {
        return cursorOf(rows.at(-1));
      },
    };
  }
}

/** The order of a time that every row has. `name` is that of the table; it goes into the cursors. */
export const byTime = <Column extends string, Row extends Record<Column, Date>>(
  name: string,
  column: Column,
  direction: 'ASC' | 'DESC',
): Ordering<Row> => ({
  name: `${name}.${column}`,
  key: {
    expression: raw(`r."${column}"`),
    type: 'timestamptz',
    columns: [column],
    of: (row) => row[column].toISOString(),
  },
  direction,
});

/**
 * The list of a workspace's rows that meet the conditions.
 * @throws BAD_USER_INPUT at `first`, `last`, `after` or `before`.
 */
export function listingOf<Row extends { id: string }>(
  table: Table<Row>,
  workspaceId: string,
  args: ListArguments<object, string>,
  { conditions, ordering }: { conditions: readonly Sql[]; ordering: Ordering<Row> },
): Listing<Row> {
  return {
    table,
    where: [ofWorkspace(workspaceId), ...conditions],
    ordering,
    page: pageRequest(args, ordering),
    columns: args.select?.columns,
    related: relatedRows(table, args.select),
  };
}

/** The list itself. One statement, and one more when the count is asked for. */
export async function readConnection<Row extends { id: string }>(
  db: Database,
  listing: Listing<Row>,
): Promise<Connection<Row>> {
  const page = await readPage(db, listing);
  return new Connection(page, () => countRows(db, listing.table, listing.where));
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
  return pages.map((page, place) => new Connection(page, () => count(place)));
}
