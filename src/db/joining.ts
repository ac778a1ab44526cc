import DataLoader from 'dataloader';
import pg from 'pg';
import type { Database } from './database.js';

/** How many keys may share a statement, unless fewer are asked for. */
const maxKeys = 100;

/** Work on many keys: a result for each, in their order. Nobody waits for a result that comes later than the others. */
type Run<Key, Value> = (keys: readonly Key[]) => Promise<readonly (Value | Promise<Value>)[]>;

interface JoinOptions {
  /** Names the work, and everything but the keys in which its statement differs, such as the workspace. */
  what: string;
  /** How many keys may share a statement, 100 at most. One request's work on more keys gets a statement of its own. */
  most?: number | undefined;
}

type Join<Key, Value> = (
  db: Database,
  options: JoinOptions,
  run: Run<Key, Value>,
  keys: readonly Key[],
) => Promise<readonly Value[]>;

/**
 * Joins the work of requests: what they begin in one turn of the event loop becomes one call of `run`, and so one
 * statement. It is sent after each of them has begun, so each sees what was committed before. The statement counts for
 * the request that was the first.
 */
export function joiner<Key, Value>(): Join<Key, Value> {
  type Loader = DataLoader<Key, Value | Promise<Value>>;
  const waitingIn = new WeakMap<Database, Map<string, Loader>>();
  const loaderOf = (db: Database, what: string, most: number, run: Run<Key, Value>) => {
    const loaders = waitingIn.get(db) ?? new Map<string, Loader>();
    waitingIn.set(db, loaders);
    const waiting = loaders.get(what);
    if (waiting) return waiting;
    const loader: Loader = new DataLoader((keys) => runOrEachAlone(keys, run), {
      cache: false,
      maxBatchSize: most,
      batchScheduleFn(send) {
        setImmediate(() => {
          loaders.delete(what);
          send();
        });
      },
    });
    loaders.set(what, loader);
    return loader;
  };
  return async (db, { what, most: wanted = maxKeys }, run, keys) => {
    const most = Math.min(wanted, maxKeys);
    if (keys.length > most) return Promise.all(await run(keys));
    const loader = loaderOf(db, what, most, run);
    return Promise.all(keys.map((key) => loader.load(key)));
  };
}

/** When the database refuses the keys together, each is tried alone, so that the keys of one request do not fail others. */
async function runOrEachAlone<Key, Value>(
  keys: readonly Key[],
  run: Run<Key, Value>,
): Promise<readonly (Value | Promise<Value>)[]> {
  try {
    return await run(keys);
  } catch (error) {
    if (keys.length === 1 || !wasRefused(error)) throw error;
    return keys.map(async (key) => {
      const [value] = await run([key]);
      return value as Value;
    });
  }
}

/**
 * Whether the statement failed because of its keys or the rows that they name: unsuitable data, a constraint, a
 * collision, a lock, or too much of something. When the database is too slow, stops or lacks a resource, many statements
 * instead of one would make it worse. By SQLSTATE, because the severity is in the language of the server.
 */
const wasRefused = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^(?:2[23]|40|54|55P03)/.test(error.code ?? '');
