import pg from 'pg';
import { StartError } from '../lib/process/start-error.js';
import { type Connection, schemaOf } from './connection/connection.js';
import { watchedClient } from './faults/watched-client.js';

/** The database does not let a session be what statements need, in one line that says what to change there. */
export class SessionError extends StartError {
  override readonly name = 'SessionError';
}

/**
 * What each session is set to, whatever the server, the database, the role or DATABASE_URL set. Everything else, such as
 * time limits, stays as they have it. That times are right takes no more than ISO times, and is ensured in `times.ts`.
 */
const settings = {
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  standard_conforming_strings: 'on',
  // Compiling a plan costs more than any statement here takes.
  jit: 'off',
};

const setSettings = Object.entries(settings)
  .map(([name, value]) => `pg_catalog.set_config('${name}', '${value}', false) AS "${name}"`)
  .join(', ');

/** Brings the schema of the model's tables to the front of the path; others may hold extensions. */
const setPath = `pg_catalog.set_config('search_path', concat_ws(', ',
    CASE WHEN current_schema() IS DISTINCT FROM $1 THEN pg_catalog.quote_ident($1) END,
    nullif(current_setting('search_path'), '')), false)`;

/** What sessions must have of themselves where nothing can be set, because the next transaction has another one. */
const needed = { DateStyle: /^ISO/, IntervalStyle: /^postgres$/, standard_conforming_strings: /^on$/ };

const readSettings = `SELECT current_schema() AS schema, ${Object.keys(needed)
  .map((name) => `pg_catalog.current_setting('${name}') AS "${name}"`)
  .join(', ')}`;

/**
 * Sets up a new session by one statement, and looks at what came of it. Startup options would do the same, but those of
 * DATABASE_URL replace ours, and poolers drop them. Behind a pooler that gives each transaction another session it only looks.
 * @throws SessionError when the session is not what statements need.
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

/** How to open a pool whose sessions are set up. */
export const prepared = (connection: Connection): pg.PoolConfig => ({
  ...connection,
  Client: watchedClient(undefined, connection.hostsClient),
  onConnect: (client) => prepareSession(client, connection),
});

/** A setting that the server does not know, does not allow, or does not let be changed; not a server that is gone. */
const isRefusal = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && /^(?:22|42|55P02)/.test(error.code ?? '');
