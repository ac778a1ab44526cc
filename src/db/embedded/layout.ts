import { join } from 'node:path';

/** The paths in the data directory. */
export const layout = (dataDir: string) => ({
  /** PostgreSQL's own files. */
  cluster: join(dataDir, 'postgres'),
  /** Exists while the cluster is being created. */
  unfinished: join(dataDir, 'postgres.unfinished'),
  /** The directory of the socket and the lock. */
  run: join(dataDir, 'run'),
});

/** The file name that PostgreSQL clients expect when the host is a directory. */
export const socketName = '.s.PGSQL.5432';

/** The major version of PostgreSQL in PGlite. */
export const postgresVersion = '18';
