import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type pg from 'pg';

/** Stands between two that are connected, and lets a test take the network away. */
interface Proxy {
  /** Breaks every connection and refuses new ones. */
  close(): Promise<void>;
  /** Lets connections through again, at the same place. */
  open(): Promise<void>;
}

/** Stands between clients and a gateway. */
export interface NetworkProxy extends Proxy {
  /** Where the gateway is through it, without a slash at the end. */
  origin: string;
}

/** Stands between a gateway and its database. */
export interface DatabaseProxy extends Proxy {
  /** How to reach the database through it. */
  connection: pg.PoolConfig;
  /**
   * Breaks the next connection over which `text` is sent, once the database has got it and answered: the gateway never
   * learns what became of it. Resolves when that has happened.
   */
  breakAfter(text: string): Promise<void>;
}

/** With `alter` what the database answers comes as that makes it. */
export async function openProxy(
  connection: pg.PoolConfig,
  alter: (chunk: Buffer) => Buffer = (chunk) => chunk,
): Promise<DatabaseProxy> {
  const { port, ...proxy } = await listen(targetOf(connection), alter);
  return { ...proxy, connection: through(connection, port) };
}

export async function openNetworkProxy(origin: string): Promise<NetworkProxy> {
  const { hostname, port: to } = new URL(origin);
  const { port, close, open } = await listen({ host: hostname, port: Number(to) }, (chunk) => chunk);
  return { close, open, origin: `http://127.0.0.1:${port}` };
}

type Target = { path: string } | { host: string; port: number };

async function listen(
  target: Target,
  alter: (chunk: Buffer) => Buffer,
): Promise<Omit<DatabaseProxy, 'connection'> & { port: number }> {
  const sockets = new Set<Socket>();
  let fatal: { text: string; happened: () => void } | undefined;

  const server = createServer((client) => {
    const database = connect(target);
    for (const [one, other] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    let happened: (() => void) | undefined;
    client.on('data', (chunk) => {
      if (fatal && chunk.includes(fatal.text)) {
        ({ happened } = fatal);
        fatal = undefined;
      }
      database.write(chunk);
    });
    database.on('data', (chunk) => {
      if (!happened) return void client.write(alter(chunk));
      client.destroy();
      happened();
    });
  });
  const open = async (port = 0): Promise<number> => {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await open();

  return {
    port,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async open() {
      await open(port);
    },
    breakAfter: (text) =>
      new Promise((happened) => {
        fatal = { text, happened };
      }),
  };
}

const targetOf = ({ connectionString, host = '', port }: pg.PoolConfig): Target => {
  if (!connectionString) return { path: join(host, `.s.PGSQL.${port}`) };
  const url = new URL(connectionString);
  return { host: url.hostname, port: Number(url.port || 5432) };
};

function through(connection: pg.PoolConfig, port: number): pg.PoolConfig {
  if (!connection.connectionString) return { ...connection, host: '127.0.0.1', port };
  const url = new URL(connection.connectionString);
  url.host = `127.0.0.1:${port}`;
  return { connectionString: url.href };
}
