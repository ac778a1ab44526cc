/** Pools of connections, and the clients that use them. */
import pg from 'pg';
import { PrismaClient } from '../../generated/prisma/client.js';
import { watchedClient } from '../faults/watched-client.js';
import { prepareSession } from '../session.js';
import { readTimesByOffset } from '../times.js';
import { type Connection, schemaOf } from './connection.js';
import { keepWaitingApart, observeStatements } from './observed.js';
import { PrismaAdapter } from './prisma-adapter.js';

export interface PoolOptions {
  /** The maximum number of connections. */
  connections: number;
  /** How long to wait for a connection, whether it is new or in use by others. */
  patienceMs: number;
  /** Called with each SQLSTATE of a failed statement; undefined for an error of the connection. */
  observe?: (state: string | undefined) => void;
  /** Called for connections that broke while idle. The pool replaces them. */
  onConnectionError?: ((error: Error) => void) | undefined;
}

/** A pool with prepared sessions and observed statements. */
export function openPool(connection: Connection, options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    max: options.connections,
    connectionTimeoutMillis: options.patienceMs,
    // Detects a host that disappeared without closing the connection.
    keepAlive: true,
    onConnect: async (client) => {
      await prepareSession(client, connection);
      readTimesByOffset(client);
      observeStatements(client);
    },
    ...connection,
    Client: watchedClient(options.observe, connection.hostsClient),
  });
  pool.on('error', (error) => options.onConnectionError?.(error));
  keepWaitingApart(pool);
  return pool;
}

/** The Prisma client over a pool. */
export const prismaOver = (pool: pg.Pool, connection: Connection, nameOf: NameOf): PrismaClient =>
  new PrismaClient({
    adapter: new PrismaAdapter(pool, {
      schema: schemaOf(connection),
      statementNameGenerator: ({ sql: text }) => nameOf(text),
    }),
  });

/** The name under which a statement is prepared; empty when it is not prepared. */
export type NameOf = (text: string) => string;

const maxPreparedStatements = 400;

/** With a transaction pooler nothing is prepared, because the next transaction may use another session. */
export const namesFor = ({ pooling }: Connection): NameOf => (pooling === 'transaction' ? () => '' : statementNames());

/**
 * Names for prepared statements, one per text. Filters produce an unlimited number of texts, and each prepared
 * statement takes memory in every connection. So only the first texts are named; the others run unprepared.
 */
function statementNames(): NameOf {
  const names = new Map<string, string>();
  return (text) => {
    let name = names.get(text);
    if (name === undefined && names.size < maxPreparedStatements) {
      name = `deskgraph_${names.size}`;
      names.set(text, name);
    }
    return name ?? '';
  };
}
