import pg from 'pg';
import { StartError } from '../lib/process/start-error.js';
import { type Connection, schemaOf } from './connection/connection.js';
import { watchedClient } from './faults/watched-client.js';

/**
 * The database does not allow the session settings that statements need. The message is one line that says what to
 * change.
 */
export class SessionError extends StartError {
  override readonly name = 'SessionError';
}

/**
 * The settings of each session, whatever the server, the database, the role or DATABASE_URL set. All other settings,
 * such as time limits, stay. Correct times need only the ISO format; see `times.ts`.
 */
const settings = {
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  standard_conforming_strings: 'on',
  // Compiling a plan takes longer than any of our statements.
  jit: 'off',
};

const setSettings = Object.entries(settings)
  .map(([name, value]) => `pg_catalog.set_config('${name}', '${value}', false) AS "${name}"`)
  .join(', ');

/** Puts the schema of the model's tables first in the search path. Other schemas may contain extensions. */
const setPath = `pg_catalog.set_config('search_path', concat_ws(', ',
    CASE WHEN current_schema() IS DISTINCT FROM $1 THEN pg_catalog.quote_ident($1) END,
    nullif(current_setting('search_path'), '')), false)`;

/**
 * The settings that sessions must already have behind a transaction pooler, where a setting would not apply to the next
 * transaction.
 */
const needed = { DateStyle: /^ISO/, IntervalStyle: /^postgres$/, standard_conforming_strings: /^on$/ };

const readSettings = `SELECT current_schema() AS schema, ${Object.keys(needed)
  .map((name) => `pg_catalog.current_setting('${name}') AS "${name}"`)
  .join(', ')}`;

/**
 * Sets up a new session with one statement, and checks the result. Startup options would do the same, but those of
 * DATABASE_URL replace ours, and poolers drop them. Behind a transaction pooler it only checks.
 * @throws SessionError when the session does not have the needed settings.
 */
export async function prepareSession(client: pg.ClientBase, connection: Connection): Promise<void> {
  if (connection.pooling === 'transaction') return checkSession(client, schemaOf(connection));
  const { rows } = await client
    .query<Record<string, string>>(`SELECT ${setSettings}, ${setPath}`, [schemaOf(connection)])
    .catch((error: unknown) => {
      throw isRefusal(error)
        ? new SessionError(`The database refuses the settings of a session: ${error.message}`)
        : error;
    });
  for (const [name, value] of Object.entries(settings)) {
    const found = rows[0]?.[name];
    if (found === value) continue;
    const fault = `The database keeps the setting ${name} of a session at ${found}, but ${value} is needed`;
    throw new SessionError(`${fault}; set it for the role or the database.`);
  }
}

async function checkSession(client: pg.ClientBase, schema: string): Promise<void> {
  const { rows } = await client.query<Record<string, string | null>>(readSettings);
  const found = rows[0] ?? {};
  const wrong = Object.entries(needed).find(([name, value]) => !value.test(found[name] ?? ''));
  if (wrong) {
    throw new SessionError(`The setting ${wrong[0]} of sessions is ${found[wrong[0]]}; ${byRole}.`);
  }
  if (found.schema !== null && found.schema !== schema) {
    throw new SessionError(`The search_path of sessions begins with ${found.schema}, not with ${schema}; ${byRole}.`);
  }
}

const byRole =
  'behind a pooler that changes sessions at each transaction it must be set for the role: ALTER ROLE … SET …';

/** The pool options with which every session is set up. */
export const prepared = (connection: Connection): pg.PoolConfig => ({
  ...connection,
  Client: watchedClient(undefined, connection.hostsClient),
  onConnect: (client) => prepareSession(client, connection),
});

/** Whether the server does not know or does not allow a setting. Connection errors do not count. */
const isRefusal = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && /^(?:22|42|55P02)/.test(error.code ?? '');
