import pg from 'pg';

export interface Host {
  host: string;
  port: number;
}

/** Which servers of a list serve, as libpq's `target_session_attrs` names them. */
export const preferences = ['any', 'read-write', 'read-only', 'primary', 'standby'] as const;
export type Preference = (typeof preferences)[number];

/** Whether a session is on a server that is wanted, by what it says of itself. */
const serves: Record<Preference, (session: { readOnly: boolean; standby: boolean }) => boolean> = {
  any: () => true,
  'read-write': ({ readOnly }) => !readOnly,
  'read-only': ({ readOnly }) => readOnly,
  primary: ({ standby }) => !standby,
  standby: ({ standby }) => standby,
};

const look = `SELECT current_setting('transaction_read_only') = 'on' AS "readOnly", pg_catalog.pg_is_in_recovery() AS standby`;

/**
 * Clients that connect to one server of several: to the one that served last, and after a failure there to the next one of
 * the list. So who asks in vain is told, and who asks again gets on.
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

/** A server of the list that is up and does not serve what is wanted. */
export class UnwantedServerError extends Error {
  override readonly name = 'UnwantedServerError';
  /** As of a server that takes no connections: another one is tried. */
  readonly code = 'ECONNREFUSED';
}
