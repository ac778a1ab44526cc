import { join } from 'node:path';

/** Where things lie in the data directory. */
export const layout = (dataDir: string) => ({
  /** PostgreSQL's own files. */
  cluster: join(dataDir, 'postgres'),
  /** Exists while the cluster is created for the first time. */
  unfinished: join(dataDir, 'postgres.unfinished'),
  /** The socket and the lock. */
  run: join(dataDir, 'run'),
});

/** The name that PostgreSQL clients expect in the directory which they are given as host. */
export const socketName = '.s.PGSQL.5432';

/** The major version of the PostgreSQL that PGlite is. */
export const postgresVersion = '18';
