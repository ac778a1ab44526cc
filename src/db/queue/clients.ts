import type pg from 'pg';

/** What the connections of the job queue's library need. */

/** LISTEN would stay with a session that the next transaction does not have. Jobs are found by looking, or by `wake`. */
export const listening = /^(?:UN)?LISTEN /;

/**
 * The library takes away what was locked for four hours by the clock, also from who lives when the clock was put forward.
 * Heartbeats free the jobs of those who died.
 */
export const freeingByClock = /\blocked_at < .*interval '4 hours'/s;

/** Leaves out statements of the library. */
export function leaveOut(client: pg.PoolClient, statements: readonly RegExp[]): void {
  client.query = new Proxy(client.query, {
    apply: (query, self, [given, ...others]: [string | pg.QueryConfig, ...unknown[]]) => {
      const text = typeof given === 'string' ? given : given.text;
      return Reflect.apply(query, self, [statements.some((one) => one.test(text)) ? '' : given, ...others]);
    },
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
