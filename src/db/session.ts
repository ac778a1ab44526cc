import pg from 'pg';
import { StartError } from '../lib/process/start-error.js';
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
  // How alike a misspelt name must be for a search to look at it (`findMisspelt`), which the server takes as a setting alone.
  'pg_trgm.word_similarity_threshold': '0.3',
};

/** The model's tables are in this schema, to which Prisma's statements keep; others may hold extensions. */
const schema = 'public';

const statement = `SELECT ${Object.entries(settings)
  .map(([name, value]) => `pg_catalog.set_config('${name}', '${value}', false) AS "${name}"`)
  .join(', ')}, pg_catalog.set_config('search_path', concat_ws(', ',
    CASE WHEN current_schema() IS DISTINCT FROM '${schema}' THEN '${schema}' END,
    nullif(current_setting('search_path'), '')), false)`;

/**
 * Sets up a new session by one statement, and looks at what came of it. Startup options would do the same, but those of
 * DATABASE_URL replace ours, and poolers drop them.
 * @throws SessionError when the session keeps other settings.
 */
export async function prepareSession(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<Record<string, string>>(statement).catch((error: unknown) => {
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

/** How to open a pool whose sessions are set up. */
export const prepared = (connection: pg.PoolConfig): pg.PoolConfig => ({
  Client: watchedClient(),
  ...connection,
  onConnect: prepareSession,
});

/** A setting that the server does not know, does not allow, or does not let be changed; not a server that is gone. */
const isRefusal = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && /^(?:22|42|55P02)/.test(error.code ?? '');
