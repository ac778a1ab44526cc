import pg from 'pg';

/** Errors of database connections. Their codes alone do not distinguish them from errors of other connections. */
const ofDatabase = new WeakSet<object>();

export const isOfDatabase = (error: object): boolean => ofDatabase.has(error);

/**
 * A client class whose errors are marked as errors of the database. `observe` is called with the SQLSTATE of each;
 * undefined for an error of the connection.
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
