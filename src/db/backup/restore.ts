import pg from 'pg';
import { StartError } from '../../lib/process/start-error.js';
import { type Connection, newClient } from '../connection/connection.js';
import { knownMigrations, migrate, pendingMigrations } from '../migrations/migrations.js';
import { queueSchema } from '../queue/install.js';
import { prepareSession } from '../session.js';
import { format, type Heading, heading, type Part, part } from './backup.format.js';

/** The reason why a backup cannot be restored, in one line. */
export class RestoreError extends StartError {
  override readonly name = 'RestoreError';
}

/** The number of characters of rows that are written at once. */
const batchCharacters = 1024 * 1024;

/**
 * Restores a backup into a database without workspaces, in one transaction. Applies the migrations of the backup,
 * writes the rows, and then applies the later migrations of this release. Returns the number of rows.
 * @throws RestoreError when nothing was restored.
 */
export async function restore(connection: Connection, lines: AsyncIterable<string>): Promise<number> {
  const reader = lines[Symbol.asyncIterator]();
  const first = await reader.next();
  const last = requireKnown(first.done ? undefined : first.value);
  await inSession(connection, (client) => requireEmpty(client, last));
  await migrate(connection, last);
  const rows = await inSession(connection, async (client) => {
    await client.query('BEGIN');
    const written = await write(client, { [Symbol.asyncIterator]: () => reader });
    await client.query('COMMIT');
    return written;
  });
  await migrate(connection);
  return rows;
}

/** Closing the connection rolls back what is not committed. */
async function inSession<T>(connection: Connection, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = newClient(connection);
  await client.connect();
  try {
    await prepareSession(client, connection);
    return await work(client);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    throw new RestoreError(`The backup cannot be restored, and nothing was: ${error.message}.`, { cause: error });
  } finally {
    await client.end();
  }
}

/** The last migration of the backup. @throws RestoreError when this release does not know it. */
function requireKnown(line: string | undefined): string {
  const read = heading.safeParse(parsed(line ?? ''));
  if (!read.success) throw new RestoreError('The file is no backup: it does not begin as one.');
  const { data }: { data: Heading } = read;
  const known = new Set(knownMigrations());
  const last = data.migrations.at(-1);
  if (data.format > format || last === undefined || data.migrations.some((name) => !known.has(name))) {
    throw new RestoreError('The backup was made by a later release. Restore it with that one.');
  }
  return last;
}

async function requireEmpty(client: pg.Client, last: string): Promise<void> {
  const pending = new Set(await pendingMigrations(client));
  const applied = knownMigrations().filter((name) => !pending.has(name));
  if (applied.length === 0) return;
  const { rowCount } = await client.query('SELECT FROM "Workspace" LIMIT 1');
  if (rowCount !== 0) {
    throw new RestoreError('The database is not empty. Restore into a new one, named by DATABASE_URL or DATA_DIR.');
  }
  if (applied.some((name) => name > last)) {
    throw new RestoreError(
      'The database has migrations that the backup lacks, which must change its rows. Restore into a new database.',
    );
  }
}

/**
 * Foreign keys and triggers are disabled meanwhile, because the rows come table by table and already contain what
 * triggers would write.
 */
async function write(client: pg.Client, lines: AsyncIterable<string>): Promise<number> {
  const { rows: keys } = await client.query<{ drop: string; add: string }>(foreignKeys);
  for (const { drop } of keys) await client.query(drop);
  const { rows: triggers } = await client.query<{ disable: string; enable: string }>(tablesWithTriggers);
  for (const { disable } of triggers) await client.query(disable);
  const rows = await writeParts(client, lines);
  for (const { enable } of triggers) await client.query(enable);
  for (const { add } of keys) await client.query(add);
  return rows;
}

async function writeParts(client: pg.Client, lines: AsyncIterable<string>): Promise<number> {
  let rows = 0;
  let insert: string | undefined;
  let batch: string[] = [];
  let characters = 0;
  const flush = async (): Promise<void> => {
    if (batch.length > 0 && insert !== undefined) await client.query(insert, [`[${batch.join(',')}]`]);
    batch = [];
    characters = 0;
  };
  for await (const line of lines) {
    if (!line.startsWith('[')) {
      if (insert === undefined) throw damaged();
      batch.push(line);
      rows += 1;
      characters += line.length;
      if (characters >= batchCharacters) await flush();
      continue;
    }
    await flush();
    const next = partOf(line);
    if ('end' in next) {
      if (next.rows !== rows) throw damaged();
      return rows;
    }
    if ('sequence' in next) await client.query('SELECT setval($1::regclass, $2::bigint, $3)', setting(next));
    else insert = 'jobs' in next ? addJobs : await insertInto(client, next.table);
  }
  throw damaged();
}

const setting = ({ sequence, last, isCalled }: Extract<Part, { sequence: string }>) => [
  pg.escapeIdentifier(sequence),
  last,
  isCalled,
];

const addJobs = `SELECT FROM ${queueSchema}.add_jobs(
  array(SELECT json_populate_recordset(NULL::${queueSchema}.job_spec, $1::json)), false)`;

/** The database computes the columns that the rows lack. */
async function insertInto(client: pg.Client, table: string): Promise<string> {
  const name = pg.escapeIdentifier(table);
  const { rows } = await client.query<{ columns: string | null }>(
    `SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS columns FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
    [name],
  );
  const columns = rows[0]?.columns;
  if (!columns) throw new RestoreError(`The database has no table ${table}.`);
  return `INSERT INTO ${name} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${name}, $1::json)`;
}

const foreignKeys = `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS add
  FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace`;

const tablesWithTriggers = `SELECT format('ALTER TABLE %s DISABLE TRIGGER USER', tgrelid::regclass) AS disable,
    format('ALTER TABLE %s ENABLE TRIGGER USER', tgrelid::regclass) AS enable
  FROM pg_trigger JOIN pg_class AS c ON c.oid = tgrelid
  WHERE NOT tgisinternal AND c.relnamespace = current_schema()::regnamespace GROUP BY tgrelid`;

const damaged = (): RestoreError => new RestoreError('The backup is damaged or was broken off; nothing was restored.');

function partOf(line: string): Part {
  const value = parsed(line);
  const read = part.safeParse(Array.isArray(value) ? value[0] : undefined);
  if (!read.success) throw damaged();
  return read.data;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
