import type { Database, Sql } from '../database.js';
import { relatedRows } from '../reading/relations.js';
import type { Table } from '../reading/tables.js';
import { countRows, countRowsOf } from './counts.js';
import { conditionsOf, type FilterFields, type FilterOf, mentions } from './filter.js';
import {
  type Listing,
  type NestedPage,
  ofWorkspace,
  type Page,
  type PageArguments,
  type Parents,
  pageRequest,
  type Selection,
} from './keyset.js';
import { type Direction, encodeCursor, type Ordering, type SortKey } from './ordering.js';
import { hasRows, haveRows, readPage, readPages } from './pages.js';

/** The arguments of a connection: filter, order and page. */
export interface ListArguments<Filter, OrderField extends string> extends PageArguments {
  filter?: Filter | null | undefined;
  orderBy?: { field: OrderField; direction: Direction } | null | undefined;
  /** What to read of each row; all of its own columns when left out. */
  select?: Selection;
  /** What to read together with each row, if possible. */
  nested?: NestedPage | undefined;
}

/** A row in a list. Its cursor is computed on demand. */
class Edge<Row extends { id: string }> {
  constructor(
    readonly node: Row,
    readonly ordering: Ordering<Row>,
  ) {}

  get cursor(): string {
    return encodeCursor(this.ordering, this.node);
  }
}

/** A page of a list in Relay's form. The number of rows in the whole list is counted on demand. */
export class Connection<Row extends { id: string }> {
  constructor(
    readonly page: Page<Row>,
    readonly count: () => Promise<number>,
    /** For a page of size 0: tells whether its range has rows. Called on demand. */
    readonly hasRows?: () => Promise<boolean>,
  ) {}

  get edges(): Edge<Row>[] {
    const { rows, ordering } = this.page;
    return rows.map((node) => new Edge(node, ordering));
  }

  get pageInfo() {
    return this.hasRows ? this.infoOfNothing(this.hasRows()) : this.infoOfRows();
  }

  /** The page info of a page of size 0: if its range has rows, all of them are before or after the page. */
  private async infoOfNothing(hasRows: Promise<boolean>) {
    const { hasNextPage, hasPreviousPage, isBackward } = this.page;
    const has = await hasRows;
    return {
      hasNextPage: isBackward ? hasNextPage : has,
      hasPreviousPage: isBackward ? has : hasPreviousPage,
      startCursor: null,
      endCursor: null,
    };
  }

  private infoOfRows() {
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

/** A list of a workspace's rows: its filter fields and its orders. The inputs of the graph are derived from it. */
export interface ListDefinition<Row extends { id: string }, Fields extends FilterFields, OrderField extends string> {
  /** The prefix of the name of its filter in the graph. */
  name: string;
  /** The word for its rows: "conversations". */
  what: string;
  table: Table<Row>;
  filter: Fields;
  order: Order<NoInfer<Row>, OrderField>;
  /** The default order. */
  first: readonly [NoInfer<OrderField>, Direction];
  /** Conditions in addition to the filter. They may depend on the fields that the filter uses. */
  always?: (filter: FilterOf<Fields> | null | undefined) => readonly Sql[];
}

/** The sort keys of a list. `name` is part of cursors and of type names in the graph. */
export interface Order<Row, OrderField extends string> {
  name: string;
  /** The word for the sorted rows: "conversations". */
  what: string;
  keys: Readonly<Record<OrderField, SortKey<Row> & { description: string }>>;
}

/** By default the order has the name and the word of the list. */
export const defineList = <Row extends { id: string }, Fields extends FilterFields, OrderField extends string>({
  order,
  ...list
}: Omit<ListDefinition<Row, Fields, OrderField>, 'order'> & {
  order: Pick<Order<NoInfer<Row>, OrderField>, 'keys'> & Partial<Order<NoInfer<Row>, OrderField>>;
}): ListDefinition<Row, Fields, OrderField> => ({ ...list, order: { name: list.name, what: list.what, ...order } });

/** The arguments of a connection of this list. */
export type ListArgumentsOf<List> =
  List extends ListDefinition<infer _Row, infer Fields, infer OrderField>
    ? ListArguments<FilterOf<Fields>, OrderField>
    : never;

/** The conditions on the rows of a list, without that on the workspace. @throws BAD_USER_INPUT at `filter`. */
export const conditionsOfList = <Row extends { id: string }, Fields extends FilterFields, OrderField extends string>(
  { filter: fields, always }: ListDefinition<Row, Fields, OrderField>,
  workspaceId: string,
  filter: FilterOf<Fields> | null | undefined,
): Sql[] => [...(always?.(filter) ?? []), ...(filter ? conditionsOf(filter, fields, workspaceId) : [])];

/**
 * The requested page of a workspace's list.
 * @throws BAD_USER_INPUT at `filter`, `first`, `last`, `after`, `before` or `offset`.
 */
export function listingOf<Row extends { id: string }, Fields extends FilterFields, OrderField extends string>(
  list: ListDefinition<Row, Fields, OrderField>,
  workspaceId: string,
  args: ListArguments<FilterOf<Fields>, OrderField>,
): Listing<Row> {
  const { table, filter: fields, order, first } = list;
  const { filter, orderBy } = args;
  const [field, direction] = orderBy ? [orderBy.field, orderBy.direction] : first;
  const ordering = { name: `${order.name}.${field}`, key: order.keys[field], direction };
  const isUneven = Object.keys(fields).some((name) => fields[name]?.isUneven && mentions(filter, name));
  return {
    table,
    where: [ofWorkspace(workspaceId), ...conditionsOfList(list, workspaceId, filter)],
    ordering,
    page: pageRequest(args, ordering),
    columns: args.select?.columns,
    planned: isUneven ? 'anew' : 'once',
    related: relatedRows(table, args.select),
    nested: args.nested,
  };
}

/** Reads the list. One statement, and another one if the count is requested. */
export async function readConnection<Row extends { id: string }>(
  db: Database,
  listing: Listing<Row>,
): Promise<Connection<Row>> {
  const page = await readPage(db, listing);
  const count = () => countRows(db, listing.table, listing.where);
  return listing.page.limit > 0 ? new Connection(page, count) : new Connection(page, count, () => hasRows(db, listing));
}

/** Returns a function that reads a list of the caller's workspace. @throws BAD_USER_INPUT as `listingOf` does. */
export const listReader =
  <Row extends { id: string }, Fields extends FilterFields, OrderField extends string>(
    db: Database,
    list: ListDefinition<Row, Fields, OrderField>,
  ) =>
  async ({ workspaceId }: { workspaceId: string }, args: ListArguments<FilterOf<Fields>, OrderField>) =>
    readConnection(db, listingOf(list, workspaceId, args));

/** The list of each parent. One statement for all, and another one if any count is requested. */
export async function readConnections<Row extends { id: string }>(
  db: Database,
  listing: Listing<Row>,
  parents: Parents,
): Promise<Connection<Row>[]> {
  return connectionsOf(db, listing, parents, await readPages(db, listing, parents));
}

/** The connections for pages that were read, in the order of the parents. */
export function connectionsOf<Row extends { id: string }>(
  db: Database,
  listing: Listing<Row>,
  parents: Parents,
  pages: readonly Page<Row>[],
): Connection<Row>[] {
  let counts: Promise<number[]> | undefined;
  const count = async (place: number) => {
    counts ??= countRowsOf(db, listing.table, listing.where, parents);
    return (await counts)[place] ?? 0;
  };
  if (listing.page.limit > 0) return pages.map((page, place) => new Connection(page, () => count(place)));
  let rows: Promise<boolean[]> | undefined;
  const has = async (place: number) => {
    rows ??= haveRows(db, listing, parents);
    return (await rows)[place] ?? false;
  };
  return pages.map(
    (page, place) =>
      new Connection(
        page,
        () => count(place),
        () => has(place),
      ),
  );
}
