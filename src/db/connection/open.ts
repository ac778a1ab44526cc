import { StartError } from '../../lib/process/start-error.js';
import { type Connection, newClient, type Pooling } from './connection.js';
import { findPooling } from './pooling.js';
import { readConnectionUrl } from './url.js';

export interface OpenOptions {
  /** The variable that holds the URL, for messages. */
  variable: string;
  /** When absent, it is detected. */
  pooling?: Pooling | undefined;
}

/**
 * The connection settings for `url`. Detects what only the server knows: which host serves, whether it has TLS if the
 * URL prefers it, and how it pools. If the server does not answer, that is reported on first use.
 * @throws StartError for an invalid URL.
 */
export async function openConnection(url: string, { variable, pooling }: OpenOptions): Promise<Connection> {
  const { connection, hosts, sslMode } = readConnectionUrl(url, variable);
  connection.application_name ??= 'deskgraph';
  for (let attempt = 0; attempt < hosts.length; attempt += 1) {
    try {
      if (sslMode === 'prefer') connection.ssl = (await hasTls(connection)) && connection.ssl;
      connection.pooling = pooling ?? (await findPooling(connection));
      return connection;
    } catch (error) {
      if (error instanceof StartError) throw error;
    }
  }
  return { ...connection, ...(pooling && { pooling }) };
}

async function hasTls(connection: Connection): Promise<boolean> {
  const client = newClient(connection);
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (error instanceof Error && error.message === 'The server does not support SSL connections') return false;
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}
