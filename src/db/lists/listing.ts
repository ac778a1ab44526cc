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

/** What a connection asks of a list: which rows, in what order, which page of them. */
export interface ListArguments<Filter, OrderField extends string> extends PageArguments {
  filter?: Filter | null | undefined;
  orderBy?: { field: OrderField; direction: Direction } | null | undefined;
  /** What is wanted of each row; everything of the row itself when left out. */
  select?: Selection;
  /** What is read along with each row, if that is possible. */
  nested?: NestedPage | undefined;
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
    /** For a page of nothing: whether its range has rows, asked when that is. */
    readonly hasRows?: () => Promise<boolean>,
  ) {}

  get edges(): Edge<Row>[] {
    const { rows, ordering } = this.page;
    return rows.map((node) => new Edge(node, ordering));
  }

  get pageInfo() {
    return this.hasRows ? this.infoOfNothing(this.hasRows()) : this.infoOfRows();
  }

  /** Rows follow, or precede if the last ones are asked for, if there are any: the page has none of them. */
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

/** A list of a workspace's rows: what it can be filtered and sorted by. The graph's inputs are derived from it. */
export interface ListDefinition<Row extends { id: string }, Fields extends FilterFields, OrderField extends string> {
  /** Begins the name of its filter in the graph. */
  name: string;
  /** What it lists, in words: "conversations". */
  what: string;
  table: Table<Row>;
  filter: Fields;
  order: Order<NoInfer<Row>, OrderField>;
  /** The order when none is asked for. */
  first: readonly [NoInfer<OrderField>, Direction];
  /** What holds for the rows beside the filter; it may depend on what the filter speaks of. */
  always?: (filter: FilterOf<Fields> | null | undefined) => readonly Sql[];
}

/** What a list can be sorted by. `name` goes into cursors and into the names of the graph's types. */
export interface Order<Row, OrderField extends string> {
  name: string;
  /** What is sorted, in words: "conversations". */
  what: string;
  keys: Readonly<Record<OrderField, SortKey<Row> & { description: string }>>;
}

/** Unless it is said otherwise, the order has the name of the list and the word for what it lists. */
export const defineList = <Row extends { id: string }, Fields extends FilterFields, OrderField extends string>({
  order,
  ...list
}: Omit<ListDefinition<Row, Fields, OrderField>, 'order'> & {
  order: Pick<Order<NoInfer<Row>, OrderField>, 'keys'> & Partial<Order<NoInfer<Row>, OrderField>>;
}): ListDefinition<Row, Fields, OrderField> => ({ ...list, order: { name: list.name, what: list.what, ...order } });

/** What a connection may ask of a list. */
export type ListArgumentsOf<List> =
  List extends ListDefinition<infer _Row, infer Fields, infer OrderField>
    ? ListArguments<FilterOf<Fields>, OrderField>
    : never;

/** What the rows of a list meet beside their workspace. @throws BAD_USER_INPUT at `filter`. */
export const conditionsOfList = <Row extends { id: string }, Fields extends FilterFields, OrderField extends string>(
  { filter: fields, always }: ListDefinition<Row, Fields, OrderField>,
  workspaceId: string,
  filter: FilterOf<Fields> | null | undefined,
): Sql[] => [...(always?.(filter) ?? []), ...(filter ? conditionsOf(filter, fields, workspaceId) : [])];

/**
 * The page of a workspace's list that the arguments ask for.
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

/** The list itself. One statement, and one more when the count is asked for. */
export async function readConnection<Row extends { id: string }>(
  db: Database,
  listing: Listing<Row>,
): Promise<Connection<Row>> {
  const page = await readPage(db, listing);
  const count = () => countRows(db, listing.table, listing.where);
  return listing.page.limit > 0 ? new Connection(page, count) : new Connection(page, count, () => hasRows(db, listing));
}

/**
 * What reads a list of the caller's workspace.
 * @throws BAD_USER_INPUT as `listingOf` does.
 */
export const listReader =
  <Row extends { id: string }, Fields extends FilterFields, OrderField extends string>(
    db: Database,
    list: ListDefinition<Row, Fields, OrderField>,
  ) =>
  async ({ workspaceId }: { workspaceId: string }, args: ListArguments<FilterOf<Fields>, OrderField>) =>
    readConnection(db, listingOf(list, workspaceId, args));

/** The list of each parent. One statement for all, and one more when any count is asked for. */
export async function readConnections<Row extends { id: string }>(
  db: Database,
  listing: Listing<Row>,
  parents: Parents,
): Promise<Connection<Row>[]> {
  return connectionsOf(db, listing, parents, await readPages(db, listing, parents));
}

/** The lists whose pages were read, in the order of the parents. */
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
