import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { packageRoot } from '../../lib/process/root.js';
import { StartError } from '../../lib/process/start-error.js';
import { type Connection, newClient, schemaOf } from '../connection/connection.js';
import { connectionFault } from '../connection/faults.js';
import { faults } from '../faults/fault-table.js';
import { faultOf } from '../faults/faults.js';
import { installQueue, isQueueInstalled } from '../queue/install.js';
import { attachPatienceMs, type DatabaseServer } from '../server.js';
import { prepareSession, SessionError } from '../session.js';
import { MigrationError } from './errors.js';
import { holderOfTables, lockMigrations } from './lock.js';
import { renewNaturalOrder } from './natural-order.js';

const directory = join(packageRoot, 'prisma/migrations');

interface Migration {
  name: string;
  script: string;
  checksum: string;
}

/**
 * Applies the missing migrations, each in one transaction, and returns their names. Also creates the tables of the job
 * queue. Several processes may call it at once: one migrates, the others wait. With `upTo`, later migrations are left
 * out.
 * @throws MigrationError when a migration fails, or when it waits too long for another process.
 */
export async function migrate(connection: Connection, upTo?: string): Promise<string[]> {
  const client = await connect(connection);
  const isPending = async () => (await pendingMigrations(client)).some((name) => upTo === undefined || name <= upTo);
  try {
    if (!(await isPending()) && (await isQueueInstalled(client))) return [];
    const unlock = await lockMigrations(connection);
    try {
      const applied = (await isPending()) ? await applyPending(connection, client, upTo) : [];
      await installQueue(connection, client);
      return applied;
    } finally {
      await unlock();
    }
  } finally {
    await client.end();
  }
}

async function applyPending(connection: Connection, client: pg.Client, upTo?: string): Promise<string[]> {
  const again = await interrupted(client);
  try {
    return await apply(connection, again, upTo);
  } catch (error) {
    const [name] = await interrupted(client);
    // The engine appends the place in its own code.
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n');
    if (name === undefined) {
      if (/permission denied/.test(reason))
        throw new MigrationError(`No migration can be applied: ${withGrant(reason)}`);
      throw error;
    }
    const holder = /lock timeout/.test(reason) ? await holderOfTables(client, schemaOf(connection)) : '';
    const fault = `Migration ${name} failed and changed nothing: ${withGrant(reason)}`;
    throw new MigrationError(holder ? `${fault}. ${holder}` : fault, { cause: error });
  }
}

/** A refusal by PostgreSQL, with the grant that is missing. */
function withGrant(reason: string): string {
  const [, hint] = grants.find(([pattern]) => pattern.test(reason)) ?? [];
  return hint ? `${reason}; ${hint}` : reason;
}

const grants: readonly (readonly [RegExp, string])[] = [
  [
    /permission denied to create extension "(\w+)"/,
    'GRANT CREATE ON DATABASE … TO the role, or have an administrator create btree_gin, pg_trgm and unaccent',
  ],
  [/extension "\w+" is not available/, "install PostgreSQL's contrib package"],
  [/permission denied for database/, 'GRANT CREATE ON DATABASE … TO the role'],
  [/permission denied for schema (\w+)/, 'GRANT USAGE, CREATE ON SCHEMA … TO the role'],
  [/must be owner of/, 'run the migrations with the role that owns the tables, by DIRECT_DATABASE_URL'],
];

/**
 * The names of the migrations that are missing in the database, in order. One statement, without the engine.
 * @throws MigrationError when an applied migration differs from its file.
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
 * Migrates the database of `server`, or waits until the gateway that owns it has done so.
 * @throws MigrationError, also when that gateway has an older version.
 */
export async function ensureMigrated(server: DatabaseServer): Promise<string[]> {
  if (!server.attached && !server.embedded) return migrate(server.direct);
  const client = await connect(server.connection);
  try {
    if (!server.attached) {
      const applied = await migrate(server.direct);
      await renewNaturalOrder(client);
      return applied;
    }
    const deadline = performance.now() + attachPatienceMs;
    while ((await pendingMigrations(client)).length > 0) {
      if (performance.now() > deadline)
        throw new MigrationError('The running gateway lacks migrations. Restart it first.');
      await sleep(100);
    }
    return [];
  } finally {
    await client.end();
  }
}

/** The names of all migrations of this release, in order. */
export const knownMigrations = (): string[] => migrations().map(({ name }) => name);

/**
 * Migrations that were begun but not finished. They changed nothing, because the finish is recorded in the same
 * transaction.
 */
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

async function apply(connection: Connection, again: string[], upTo?: string): Promise<string[]> {
  // Loading the engine takes longer than the rest of a start without migrations.
  const { noExternals, withSchemaEngine } = await import('./schema-engine.js');
  const all = migrations().filter(({ name }) => upTo === undefined || name <= upTo);
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

/** Opens a connection and prepares its session. @throws StartError with the reason in one line. */
async function connect(connection: Connection): Promise<pg.Client> {
  const client = newClient(connection);
  try {
    await client.connect();
    await prepareSession(client, connection);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (error instanceof SessionError) throw error;
    const { words } = faultOf(error) ?? faults.unreachable;
    throw new StartError(`${words.replace(/\.$/, '')}: ${connectionFault(error)}`);
  }
}

const isUndefinedTable = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '42P01';
