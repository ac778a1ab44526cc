import type pg from 'pg';

/** Adaptations of the connections that the queue library uses. */

/**
 * Behind a transaction pooler, LISTEN would apply to a session that the next transaction does not have. Jobs are found
 * by polling, or by `wake`.
 */
export const listening = /^(?:UN)?LISTEN /;

/**
 * The library frees jobs that were locked more than four hours ago by the system clock. If that is set forward, this
 * would free jobs that are still running. Heartbeats free the jobs of dead processes instead.
 */
export const freeingByClock = /\blocked_at < .*interval '4 hours'/s;

/** Skips these statements of the library. */
export function leaveOut(client: pg.PoolClient, statements: readonly RegExp[]): void {
  client.query = new Proxy(client.query, {
    apply: (query, self, [given, ...others]: [string | pg.QueryConfig, ...unknown[]]) => {
      const text = typeof given === 'string' ? given : given.text;
      return Reflect.apply(query, self, [statements.some((one) => one.test(text)) ? '' : given, ...others]);
    },
  });
}

/**
 * Ignores a second release of a client. If the listening connection breaks while the workers end, the library releases
 * it twice, and the pool's error would end the process.
 */
export function releaseOnce(client: pg.PoolClient): void {
  let release = client.release;
  Object.defineProperty(client, 'release', {
    get: () => release,
    // The pool assigns a new function each time it lends the client.
    set(given: pg.PoolClient['release']) {
      let isReleased = false;
      release = (error) => {
        if (isReleased) return;
        isReleased = true;
        given(error);
      };
    },
  });
}
