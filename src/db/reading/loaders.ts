import DataLoader from 'dataloader';
import { createTurns } from '../../lib/process/turns.js';
import { type Database, raw } from '../database.js';
import type { OwnedEntity } from '../global-id.js';
import type { FilterFields, FilterOf } from '../lists/filter.js';
import type { NestedPage } from '../lists/keyset.js';
import {
  type Connection,
  connectionsOf,
  type ListArguments,
  type ListDefinition,
  listingOf,
  readConnections,
} from '../lists/listing.js';
import { nestedPage } from '../lists/nested.js';
import { readRows } from './rows.js';
import { type RowOf, tableOf } from './tables.js';

/** What the loaders of a request are made of. */
export interface LoaderParts {
  db: Database;
  /** Nothing of another workspace is read. */
  workspaceId: string;
}

/** Reads the rows with these ids, in the order of the ids; null where there is none. */
export type ReadRows<Row> = (ids: readonly string[]) => Promise<(Row | null)[]>;

export type RowLoader<Row> = DataLoader<string, Row | null>;

/**
 * The loader of a model's rows by id, made when it is first asked for. It brings rows that were deleted too, since others
 * may still name them. `special` says how the rows of some models are read otherwise.
 */
export function rowLoaders(
  { db, workspaceId }: LoaderParts,
  special: { readonly [Model in OwnedEntity]?: ReadRows<RowOf<Model>> },
) {
  const loaders: { [Model in OwnedEntity]?: RowLoader<RowOf<Model>> } = {};
  return <Model extends OwnedEntity>(model: Model): RowLoader<RowOf<Model>> => {
    const known = loaders[model];
    if (known) return known;
    const read: ReadRows<RowOf<Model>> =
      special[model] ?? ((ids) => readRows<RowOf<Model>>(db, tableOf(model), workspaceId, ids));
    const made: RowLoader<RowOf<Model>> = new DataLoader(read);
    Object.assign(loaders, { [model]: made });
    return made;
  };
}

/** The row as callers may see it: null when there is none or it was deleted. */
export async function loadVisible<Row extends { deletedAt: Date | null }>(
  loader: RowLoader<Row>,
  id: string,
): Promise<Row | null> {
  const row = await loader.load(id);
  return row?.deletedAt === null ? row : null;
}

/**
 * A family of loaders, one per distinct arguments: the same field of many parents shares one, and so one statement;
 * an alias with other arguments has its own.
 */
export function loaderPerArguments<Arguments extends object, Value>(
  loadMany: (args: Arguments, parentIds: readonly string[]) => Promise<readonly Value[]>,
): (args: Arguments) => DataLoader<string, Value> {
  const loaders = new Map<string, DataLoader<string, Value>>();
  let latest: { args: Arguments; loader: DataLoader<string, Value> } | undefined;
  return (args) => {
    // The parents of a list come one after the other, and writing the arguments out costs more than all else here.
    if (latest && haveSameValues(latest.args, args)) return latest.loader;
    const key = JSON.stringify(args, bigintAsText);
    let loader = loaders.get(key);
    if (!loader) {
      // Asynchronous, since what a batch throws at once DataLoader takes for a defect of the batch.
      loader = new DataLoader(async (parentIds) => loadMany(args, parentIds));
      loaders.set(key, loader);
    }
    latest = { args, loader };
    return loader;
  };
}

/** Pages that were read together are answered with in one go: of more rows than this, others would wait too long for it. */
const rowsPerTurn = 1_000;
const handingOver = createTurns(rowsPerTurn);

/** Loads pages, of which only so many rows are handed over in one turn of the event loop. */
export interface PageLoader<Row extends { id: string }> {
  load(parentId: string): Promise<Connection<Row>>;
  /** The same page for the statement that reads the parents: it is here already when it is asked for. */
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
