import pg from 'pg';

/** Errors of connections to the database: their codes alone are those of every other connection of the process. */
const ofDatabase = new WeakSet<object>();

export const isOfDatabase = (error: object): boolean => ofDatabase.has(error);

/**
 * A client whose errors are known as the database's. `observe` gets each with its SQLSTATE; undefined for one of the
 * connection.
 */
export function watchedClient(
  observe: (state: string | undefined) => void = () => undefined,
  Client: typeof pg.Client = pg.Client,
): typeof pg.Client {
  return class WatchedClient extends Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      const note = (error: Error & { code?: string }): void => {
        ofDatabase.add(error);
        observe(error instanceof pg.DatabaseError ? error.code : undefined);
      };
      this.connection.prependListener('error', note);
      this.connection.prependListener('errorMessage', note);
    }
  };
}
