import pg from 'pg';

export interface Host {
  host: string;
  port: number;
}

/** The kinds of servers to connect to, as in libpq's `target_session_attrs`. */
export const preferences = ['any', 'read-write', 'read-only', 'primary', 'standby'] as const;
export type Preference = (typeof preferences)[number];

/** Whether the server of a session is of the wanted kind. */
const serves: Record<Preference, (session: { readOnly: boolean; standby: boolean }) => boolean> = {
  any: () => true,
  'read-write': ({ readOnly }) => !readOnly,
  'read-only': ({ readOnly }) => readOnly,
  primary: ({ standby }) => !standby,
  standby: ({ standby }) => standby,
};

const look = `SELECT current_setting('transaction_read_only') = 'on' AS "readOnly", pg_catalog.pg_is_in_recovery() AS standby`;

/**
 * A client class that connects to one of several servers: first the one that worked last, and after a failure the next
 * one of the list. The failed call reports its error, and the next call uses another server.
 */
export function anyOf(hosts: readonly Host[], preference: Preference): typeof pg.Client {
  let turn = 0;
  return class extends pg.Client {
    override connect(): Promise<pg.Client>;
    override connect(callback: ((err: Error) => void) | ((err: null, c: pg.Client) => void)): void;
    override connect(callback?: (...values: never[]) => void): Promise<pg.Client> | undefined {
      const connected = this.connectTo(turn);
      if (!callback) return connected;
      connected.then(
        () => Reflect.apply(callback, undefined, [null, this]),
        (error: unknown) => Reflect.apply(callback, undefined, [error]),
      );
      return undefined;
    }

    private async connectTo(at: number): Promise<this> {
      Object.assign(this, hosts[at % hosts.length]);
      try {
        await super.connect();
        if (preference !== 'any') await this.ensureServes();
      } catch (error) {
        if (turn === at) turn += 1;
        throw error;
      }
      return this;
    }

    private async ensureServes(): Promise<void> {
      const { rows } = await this.query<{ readOnly: boolean; standby: boolean }>(look);
      if (rows[0] && serves[preference](rows[0])) return;
      await this.end();
      throw new UnwantedServerError(`${this.host}:${this.port} is not the server that target_session_attrs asks for`);
    }
  };
}

/** The server is up but not of the wanted kind. */
export class UnwantedServerError extends Error {
  override readonly name = 'UnwantedServerError';
  /** The code of a server that refuses connections, so that the next one is tried. */
  readonly code = 'ECONNREFUSED';
}
