import type { Database } from '../../db/database.js';
import { ensureMigrated } from '../../db/migrations/migrations.js';
import type { Services } from '../../services.js';
import type { Shell } from './shell.js';

/** The database of a command. */
export interface Session {
  db: Database;
  services: Services;
  /** Whether it is the embedded database, where all connections share one backend. */
  embedded: boolean;
}

/** A command works sequentially and leaves the other connections to a gateway that may be running. */
const connections = 2;

/**
 * Runs `work` on the migrated database of this installation. Everything that was opened is closed, even if `work`
 * fails.
 * @throws StartError if there is no such database
 */
export async function withSession<T>(shell: Shell, work: (session: Session) => Promise<T>): Promise<T> {
  // Loading the client takes as long as opening the database, so both start at once.
  const modules = Promise.all([import('../../services.js'), import('../../db/database.js')]);
  const server = await shell.openServer();
  try {
    await ensureMigrated(server);
    const [{ createServices }, { openDatabase }] = await modules;
    const db = openDatabase(server.connection, { connections });
    try {
      return await work({ db, services: createServices(db), embedded: server.embedded });
    } finally {
      await db.close();
    }
  } finally {
    await server.stop();
  }
}
