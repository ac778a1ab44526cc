import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { packageRoot } from '../../lib/process/root.js';
import { StartError } from '../../lib/process/start-error.js';
import { faults } from '../faults/fault-table.js';
import { faultOf } from '../faults/faults.js';
import { watchedClient } from '../faults/watched-client.js';
import { installQueue } from '../queue/install.js';
import { attachPatienceMs, type DatabaseServer } from '../server.js';
import { prepareSession, SessionError } from '../session.js';

const directory = join(packageRoot, 'prisma/migrations');

/** One line about a migration that cannot be applied or is not what was applied. */
export class MigrationError extends StartError {
  override readonly name = 'MigrationError';
}

interface Migration {
  name: string;
  script: string;
  checksum: string;
}

/**
 * Applies what is missing, each migration in one transaction, and returns the names; and makes the tables of the job
 * queue. Several processes may call it at once. Throws MigrationError.
 */
export async function migrate(connection: pg.PoolConfig): Promise<string[]> {
  const client = await connect(connection);
  try {
    // Held until the connection ends.
    await client.query(`select pg_advisory_lock(hashtext('deskgraph migrations'))`);
    const applied = (await pendingMigrations(client)).length > 0 ? await applyPending(connection, client) : [];
    await installQueue(connection, client);
    return applied;
  } finally {
    await client.end();
  }
}

async function applyPending(connection: pg.PoolConfig, client: pg.Client): Promise<string[]> {
  const again = await interrupted(client);
  try {
    return await apply(connection, again);
  } catch (error) {
    const [name] = await interrupted(client);
    if (name === undefined) throw error;
    const reason = error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error);
    throw new MigrationError(`Migration ${name} failed and changed nothing: ${reason}`, { cause: error });
  }
}

/**
 * The names of the migrations that the database has not, in order: one statement, without the engine. Throws
 * MigrationError when an applied migration differs from its file.
 */
export async function pendingMigrations(database: Pick<pg.ClientBase, 'query'>): Promise<string[]> {
  const applied = new Map<string, string>();
  try {
    const { rows } = await database.query<{ migration_name: string; checksum: string }>(
      `select migration_name, checksum from "_prisma_migrations"
        where finished_at is not null and rolled_back_at is null`,
    );
    for (const row of rows) applied.set(row.migration_name, row.checksum);
  } catch (error) {
    if (!isUndefinedTable(error)) throw error;
  }
  return migrations()
    .filter(({ name, checksum }) => {
      const appliedChecksum = applied.get(name);
      if (appliedChecksum === undefined || appliedChecksum === checksum) return appliedChecksum === undefined;
      throw new MigrationError(
        `Migration ${name} was changed after this database had applied it. Restore the file; changes need a new one.`,
      );
    })
    .map(({ name }) => name);
}

/**
 * Brings the database of `server` up to date, or waits until the gateway whose database it is has done so. Throws
 * MigrationError, also when that gateway is of an older version.
 */
export async function ensureMigrated(server: DatabaseServer): Promise<string[]> {
  if (!server.attached) return migrate(server.connection);
  const client = await connect(server.connection);
  try {
    const deadline = Date.now() + attachPatienceMs;
    while ((await pendingMigrations(client)).length > 0) {
      if (Date.now() > deadline) throw new MigrationError('The running gateway lacks migrations. Restart it first.');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return [];
  } finally {
    await client.end();
  }
}

/** The statements that would turn the live database into what schema.prisma says; '' when there are none. */
export async function schemaDrift(connection: pg.PoolConfig): Promise<string> {
  const { noExternals, schemaFiles, withSchemaEngine } = await import('./schema-engine.js');
  const { stdout } = await withSchemaEngine(connection, (engine) =>
    engine.diff({
      from: { tag: 'schemaDatasource', files: schemaFiles(), configDir: packageRoot },
      to: { tag: 'schemaDatamodel', files: schemaFiles() },
      script: true,
      exitCode: null,
      filters: noExternals,
    }),
  );
  return stdout?.replace(/^-- This is an empty migration\.\s*$/, '').trim() ?? '';
}

/** Migrations that were begun and, since finishing is noted in the same transaction, changed nothing. */
async function interrupted(client: pg.Client): Promise<string[]> {
  try {
    const { rows } = await client.query<{ migration_name: string }>(
      `select migration_name from "_prisma_migrations" where finished_at is null and rolled_back_at is null`,
    );
    return rows.map((row) => row.migration_name);
  } catch (error) {
    if (isUndefinedTable(error)) return [];
    throw error;
  }
}

async function apply(connection: pg.PoolConfig, again: string[]): Promise<string[]> {
  // Loading the engine costs more than all the rest of a start that has nothing to migrate.
  const { noExternals, withSchemaEngine } = await import('./schema-engine.js');
  const all = migrations();
  const lockfile = join(directory, 'migration_lock.toml');
  const migrationsList = {
    baseDir: directory,
    lockfile: { path: 'migration_lock.toml', content: existsSync(lockfile) ? readFileSync(lockfile, 'utf8') : null },
    shadowDbInitScript: '',
    migrationDirectories: all.map(({ name, script }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: script } },
    })),
  };
  return withSchemaEngine(connection, async (engine) => {
    for (const migrationName of again) await engine.markMigrationRolledBack({ migrationName });
    return (await engine.applyMigrations({ migrationsList, filters: noExternals })).appliedMigrationNames;
  });
}

function migrations(): Migration[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const script = readFileSync(join(directory, name, 'migration.sql'), 'utf8');
      return { name, script, checksum: createHash('sha256').update(script).digest('hex') };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Opens a connection whose session is set up, or says in one line why there is none. */
async function connect(connection: pg.PoolConfig): Promise<pg.Client> {
  const client = new (watchedClient())(connection);
  try {
    await client.connect();
    await prepareSession(client);
    return client;
  } catch (error) {
    if (error instanceof SessionError) {
      await client.end();
      throw error;
    }
    // For a host with several addresses the reason is in the parts.
    const reason = error instanceof AggregateError ? error.errors[0] : error;
    const { words } = faultOf(error) ?? faults.unreachable;
    throw new StartError(`${words.replace(/\.$/, '')}: ${reason instanceof Error ? reason.message : reason}`);
  }
}

const isUndefinedTable = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '42P01';
