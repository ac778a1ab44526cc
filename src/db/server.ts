import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../env.js';
import { type Connection, newClient } from './connection/connection.js';
import { openConnection } from './connection/open.js';
import { layout } from './embedded/layout.js';
import { currentHolder, type Role } from './embedded/lock.js';
import { DirectoryInUseError, type EmbeddedServerEvents, startEmbedded } from './embedded/start.js';

export interface DatabaseServer {
  /** The connection to the DATABASE_URL, or to the socket of the embedded server. */
  connection: Connection;
  /** The connection for migrations: the DIRECT_DATABASE_URL, else `connection`. */
  direct: Connection;
  embedded: boolean;
  /** True for a tool that uses the embedded server of a running gateway. That gateway also migrates. */
  attached: boolean;
  /** Stops what was started for this process. Does nothing for a server that others run. */
  stop(): Promise<void>;
}

/** How long a command waits for a gateway that is starting or stopping. */
export const attachPatienceMs = 15_000;

/**
 * The database of this installation. With the embedded database, a gateway takes the data directory for itself, while a
 * tool uses a running server and starts one only if there is none.
 * @throws StartError
 */
export async function openDatabaseServer(
  env: Pick<Environment, 'dataDir'> &
    Partial<Pick<Environment, 'databaseUrl' | 'directDatabaseUrl' | 'databasePooling'>>,
  role: Role,
  events: EmbeddedServerEvents = {},
): Promise<DatabaseServer> {
  if (env.databaseUrl) {
    const { databaseUrl, directDatabaseUrl, databasePooling: pooling } = env;
    const connection = await openConnection(databaseUrl, { variable: 'DATABASE_URL', pooling });
    const direct = directDatabaseUrl
      ? await openConnection(directDatabaseUrl, { variable: 'DIRECT_DATABASE_URL', pooling: 'session' })
      : connection;
    return { connection, direct, embedded: false, attached: false, stop: async () => undefined };
  }
  const start = async (): Promise<DatabaseServer> => {
    const { socketDir, stop } = await startEmbedded(env.dataDir, role, events);
    const connection = socketConnection(socketDir);
    return { connection, direct: connection, embedded: true, attached: false, stop };
  };
  return role === 'gateway' ? start() : attachOr(env.dataDir, start);
}

async function attachOr(dataDir: string, start: () => Promise<DatabaseServer>): Promise<DatabaseServer> {
  const deadline = performance.now() + attachPatienceMs;
  for (;;) {
    const holder = await currentHolder(layout(dataDir).run);
    if (holder) {
      const connection = socketConnection(holder.socketDir);
      if (await answers(connection)) {
        return { connection, direct: connection, embedded: true, attached: true, stop: async () => undefined };
      }
      if (performance.now() > deadline) throw new DirectoryInUseError(dataDir, holder);
      await sleep(100);
    } else {
      try {
        return await start();
      } catch (error) {
        // Another process was faster. Use its server.
        if (!(error instanceof DirectoryInUseError) || performance.now() > deadline) throw error;
      }
    }
  }
}

/** All parameters are set, so that no PG… variable of the environment has an effect. */
const socketConnection = (host: string): Connection => ({
  host,
  port: 5432,
  user: 'postgres',
  database: 'postgres',
  ssl: false,
});

async function answers(connection: Connection): Promise<boolean> {
  const client = newClient(connection);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
