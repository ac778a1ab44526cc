import DataLoader from 'dataloader';
import { createTurns } from '../../lib/process/turns.js';
import { type Database, raw } from '../database.js';
import type { OwnedEntity } from '../global-id.js';
import type { FilterFields, FilterOf } from '../lists/filter.js';
import type { NestedPage, Selection } from '../lists/keyset.js';
import {
  type Connection,
  connectionsOf,
  type ListArguments,
  type ListDefinition,
  listingOf,
  readConnections,
} from '../lists/listing.js';
import { nestedPage } from '../lists/nested.js';
import { columnsFor } from './relations.js';
import { readRows } from './rows.js';
import { type RowOf, tableOf } from './tables.js';

/** What the loaders of a request need. */
export interface LoaderParts {
  db: Database;
  /** All reads are limited to this workspace. */
  workspaceId: string;
}

/** Reads the rows with these ids, in the order of the ids; null where there is none. */
export type ReadRows<Row> = (ids: readonly string[]) => Promise<(Row | null)[]>;

export type RowLoader<Row> = DataLoader<string, Row | null>;

/**
 * The loaders of rows by id, one per model and selected columns, created on demand. They also return deleted rows,
 * because others may still refer to them. `special` has the read functions of models that need their own and all
 * columns.
 */
export function rowLoaders(
  { db, workspaceId }: LoaderParts,
  special: { readonly [Model in OwnedEntity]?: ReadRows<RowOf<Model>> },
) {
  const loaders: { [Model in OwnedEntity]?: Map<string, RowLoader<RowOf<Model>>> } = {};
  return <Model extends OwnedEntity>(model: Model, selection?: Selection): RowLoader<RowOf<Model>> => {
    const table = tableOf(model);
    const own = special[model];
    const columns = own ? undefined : columnsFor(table, selection);
    const known: Map<string, RowLoader<RowOf<Model>>> = loaders[model] ?? new Map();
    if (known.size === 0) Object.assign(loaders, { [model]: known });
    const key = columns?.join() ?? '';
    let loader = known.get(key);
    if (!loader) {
      loader = new DataLoader(own ?? ((ids) => readRows<RowOf<Model>>(db, table, workspaceId, ids, columns)));
      known.set(key, loader);
    }
    return loader;
  };
}

/** The row as callers may see it: null when there is none, or when it was deleted. */
export async function loadVisible<Row extends { deletedAt: Date | null }>(
  loader: RowLoader<Row>,
  id: string,
): Promise<Row | null> {
  const row = await loader.load(id);
  return row?.deletedAt === null ? row : null;
}

/**
 * A family of loaders, one per distinct arguments. The same field of many parents shares a loader, and so a statement.
 * An alias with other arguments has its own. `loadMany` also gets the arguments as a text.
 */
export function loaderPerArguments<Arguments extends object, Value>(
  loadMany: (args: Arguments, parentIds: readonly string[], key: string) => Promise<readonly Value[]>,
): (args: Arguments) => DataLoader<string, Value> {
  const loaders = new Map<string, DataLoader<string, Value>>();
  let latest: { args: Arguments; loader: DataLoader<string, Value> } | undefined;
  return (args) => {
    // The parents of a list come one after the other with equal arguments, and serialising these costs more than
    // everything else here.
    if (latest && haveSameValues(latest.args, args)) return latest.loader;
    const key = JSON.stringify(args, bigintAsText);
    let loader = loaders.get(key);
    if (!loader) {
      // Asynchronous, because DataLoader does not accept a batch function that throws synchronously.
      loader = new DataLoader(async (parentIds) => loadMany(args, parentIds, key));
      loaders.set(key, loader);
    }
    latest = { args, loader };
    return loader;
  };
}

/** Resolving pages that were read together runs in one go. With more rows than this, other work would wait too long. */
const rowsPerTurn = 1_000;
const handingOver = createTurns(rowsPerTurn);

/** Loads pages. Only a limited number of rows is handed over in one turn of the event loop. */
export interface PageLoader<Row extends { id: string }> {
  load(parentId: string): Promise<Connection<Row>>;
  /**
   * The same page, to be nested in the statement that reads the parents. It is then already there when `load` is
   * called.
   */
  nested(): NestedPage;
}

/** A page of a list per id in one of its columns, such as the messages of each conversation. */
export const connectionsBy = <Row extends { id: string }, Fields extends FilterFields, OrderField extends string>(
  { db, workspaceId }: LoaderParts,
  list: ListDefinition<Row, Fields, OrderField>,
  column: keyof Row & string,
): ((args: ListArguments<FilterOf<Fields>, OrderField>) => PageLoader<Row>) => {
  const loaderOf = loaderPerArguments(
    async (
      args: ListArguments<FilterOf<Fields>, OrderField>,
      ids: readonly string[],
    ): Promise<(Connection<Row> | Promise<Connection<Row>>)[]> => {
      const pages = await readConnections(db, listingOf(list, workspaceId, args), {
        column: raw(`r."${column}"`),
        ids,
      });
      const rows = pages.reduce((sum, { page }) => sum + page.rows.length, 0);
      if (rows <= rowsPerTurn) return pages;
      return pages.map((page) => handingOver.take(workspaceId, page.page.rows.length, () => page));
    },
  );
  return (args) => {
    const loader = loaderOf(args);
    return {
      load: async (parentId) => loader.load(parentId),
      nested() {
        const listing = listingOf(list, workspaceId, args);
        return nestedPage(listing, column, (ids, pages) => {
          const connections = connectionsOf(db, listing, { column: raw(`r."${column}"`), ids }, pages);
          for (const [place, connection] of connections.entries()) loader.prime(ids[place] ?? '', connection);
        });
      },
    };
  };
};

function haveSameValues(one: object, other: object): boolean {
  const names = Object.keys(one) as (keyof typeof one)[];
  return (
    names.length === Object.keys(other).length && names.every((name) => name in other && one[name] === other[name])
  );
}

const bigintAsText = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
