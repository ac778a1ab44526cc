import type pg from 'pg';

/** What the connections of the job queue's library need. */

/**
 * Leaves out the library's LISTEN, which would stay with a session that the next transaction does not have. Jobs are found by
 * looking, and those of this process by `wake`.
 */
export function dropListening(client: pg.PoolClient): void {
  client.query = new Proxy(client.query, {
    apply: (query, self, [statement, ...others]: [unknown, ...unknown[]]) =>
      Reflect.apply(query, self, [/^(?:UN)?LISTEN /.test(String(statement)) ? '' : statement, ...others]),
  });
}

/**
 * Lets a second release of a client do nothing. The library releases the one that listens twice when its connection breaks
 * while its workers end, and the error of the pool would end the process.
 */
export function releaseOnce(client: pg.PoolClient): void {
  let release = client.release;
  Object.defineProperty(client, 'release', {
    get: () => release,
    // The pool sets another one each time that it lends the client.
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
