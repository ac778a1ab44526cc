/** Pools of connections, and what reads from one. */
import pg from 'pg';
import { PrismaClient } from '../../generated/prisma/client.js';
import { watchedClient } from '../faults/watched-client.js';
import { prepareSession } from '../session.js';
import { readTimesByOffset } from '../times.js';
import { type Connection, schemaOf } from './connection.js';
import { keepWaitingApart, observeStatements } from './observed.js';
import { PrismaAdapter } from './prisma-adapter.js';

export interface PoolOptions {
  /** How many connections it opens at most. */
  connections: number;
  /** How long a connection may be waited for, be it a new one or one that others use. */
  patienceMs: number;
  /** Told of each SQLSTATE that statements meet; undefined for an error of the connection. */
  observe?: (state: string | undefined) => void;
  /** Told of connections that broke while idle; the pool replaces them. */
  onConnectionError?: ((error: Error) => void) | undefined;
}

/** A pool whose sessions are set up, and whose statements are observed. */
export function openPool(connection: Connection, options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    max: options.connections,
    connectionTimeoutMillis: options.patienceMs,
    // Finds out that a host is gone which did not say so.
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

/** The name under which a statement is prepared; empty for one that is not. */
export type NameOf = (text: string) => string;

const maxPreparedStatements = 400;

/** A statement that one session has prepared is unknown to the next. */
export const namesFor = ({ pooling }: Connection): NameOf => (pooling === 'transaction' ? () => '' : statementNames());

/**
 * Names for prepared statements, one per text. Filters make texts without number, and each costs every connection
 * memory, so only the first ones are named; the rest run unnamed.
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
