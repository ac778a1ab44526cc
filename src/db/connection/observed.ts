/** Observes all statements at the point where they are passed to the driver. */
import { AsyncResource } from 'node:async_hooks';
import type pg from 'pg';
import { beginStatement } from '../../lib/observe/statements.js';

/** The signatures of the driver's query function: with a callback, or with a promise. */
type Send = (args: readonly unknown[]) => unknown;

/** Observes what the client sends from now on. */
export function observeStatements(client: pg.ClientBase): void {
  client.query = new Proxy(client.query, {
    apply: (query, self, args: unknown[]) => observed(args, (given) => Reflect.apply(query, self, given)),
  });
}

function observed(args: readonly unknown[], send: Send): unknown {
  const [statement] = args;
  const end = beginStatement(textOf(statement));
  const told = args.at(-1);
  if (typeof told === 'function') {
    const tell = (error: unknown, ...others: unknown[]): void => {
      end(error);
      Reflect.apply(told, undefined, [error, ...others]);
    };
    return send([...args.slice(0, -1), tell]);
  }
  const result = send(args);
  if (result instanceof Promise) result.then(() => end(), end);
  return result;
}

function textOf(statement: unknown): string {
  if (typeof statement === 'string') return statement;
  const isConfig = typeof statement === 'object' && statement !== null && 'text' in statement;
  return isConfig ? String(statement.text) : '';
}

/**
 * Keeps the async context of a caller that waits for a connection. The pool calls it from the context of the caller
 * that returned the connection, to which its statements would otherwise be attributed.
 */
export function keepWaitingApart(pool: pg.Pool): void {
  pool.connect = new Proxy(pool.connect, {
    apply(connect, self, args: unknown[]) {
      const [told] = args;
      const mayWait = typeof told === 'function' && pool.idleCount === 0;
      return Reflect.apply(connect, self, mayWait ? [AsyncResource.bind(told as () => void)] : args);
    },
  });
}
