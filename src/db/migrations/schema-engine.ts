import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import { packageRoot } from '../../lib/process/root.js';
import { type Connection, schemaOf } from '../connection/connection.js';
import { PrismaAdapter } from '../connection/prisma-adapter.js';
import { prepared } from '../session.js';
import { tableLockMs } from './lock.js';

/** The used part of the global object. Its types are only in the browser library. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, Record<string, unknown>>,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

const { Character, Uuid } = ColumnTypeEnum;

type EngineModule = typeof import('@prisma/schema-engine-wasm/schema_engine_bg');

const schemaPath = join(packageRoot, 'prisma/schema.prisma');

/** The Prisma schema in the form that the engine expects. */
export const schemaFiles = () => [{ path: schemaPath, content: readFileSync(schemaPath, 'utf8') }];

/** Prisma's filter: all tables and enums are managed by migrations. */
export const noExternals = { externalTables: [], externalEnums: [] };

/** PostgreSQL's error for the script of a migration. The engine reports only that something failed. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

/**
 * Runs `work` with Prisma's migration engine as WebAssembly, over the same driver as everything else. So the engine is
 * neither downloaded nor started as a program.
 * @throws ScriptError when the script of a migration fails.
 */
export async function withSchemaEngine<T>(
  connection: Connection,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const { SchemaEngine } = await loadEngine();
  const pool = catalogPool(connection);
  const adapter = new WholeScripts(pool, { schema: schemaOf(connection) });
  const datamodels = schemaFiles().map(({ path, content }): [string, string] => [path, content]);
  const bound = bindMigrationAwareSqlAdapterFactory(adapter);
  const engine = await SchemaEngine.new({ datamodels }, () => undefined, bound);
  try {
    return await work(engine);
  } catch (error) {
    throw adapter.scriptError ?? error;
  } finally {
    engine.free();
    await pool.end();
  }
}

let loaded: Promise<EngineModule> | undefined;

/** The package's own entry point needs a bundler that imports WebAssembly. This does the same by hand. */
function loadEngine(): Promise<EngineModule> {
  loaded ??= (async () => {
    const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
    const path = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
    const { instance } = await WebAssembly.instantiate(readFileSync(path.replace(/\.js$/, '.wasm')), {
      './schema_engine_bg.js': { ...bindings },
    });
    bindings.__wbg_set_wasm(instance.exports);
    const start = instance.exports.__wbindgen_start;
    if (typeof start === 'function') start();
    return bindings;
  })();
  return loaded;
}

/**
 * Sends migration scripts as a whole. The adapter would split a script at every semicolon, even in comments and
 * function bodies. A whole script is one transaction, whose last statement records that the migration is finished. So a
 * migration that is not recorded as finished has changed nothing and can be run again.
 */
class WholeScripts extends PrismaAdapter {
  scriptError: ScriptError | undefined;

  override async connect() {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      // On the first line of the script, so that line numbers in errors are right.
      const whole = `SET LOCAL lock_timeout = ${tableLockMs}; ${script}\n;${noteFinished}`;
      try {
        await adapter.underlyingDriver().query(whole);
      } catch (error) {
        this.scriptError = scriptError(whole, error);
        throw error;
      }
    };
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query);
      const columnTypes = result.columnTypes.map((type) => (type === Uuid ? Character : type));
      return { ...result, columnTypes };
    };
    return adapter;
  }
}

const noteFinished = `UPDATE "_prisma_migrations" SET "finished_at" = now(), "applied_steps_count" = 1
  WHERE "finished_at" IS NULL AND "rolled_back_at" IS NULL`;

function scriptError(script: string, error: unknown): ScriptError {
  if (!(error instanceof pg.DatabaseError)) return new ScriptError(String(error));
  const line = error.position && script.slice(0, Number(error.position) - 1).split('\n').length;
  return new ScriptError(`${error.message}${line ? ` (line ${line})` : ''}`);
}

const charOid = 18;
const uuidOid = 2950;

/**
 * The engine reads PostgreSQL's catalogue, whose one-letter type "char" the adapter refuses. It is declared as uuid,
 * which the driver treats as text and which does not occur in the catalogue. So the character reaches the engine
 * unchanged.
 */
function catalogPool(connection: Connection): pg.Pool {
  const pool = new pg.Pool({ ...prepared(connection), max: 2 });
  pool.on('connect', (client) => {
    if (!(client instanceof pg.Client)) return;
    client.connection.on('rowDescription', ({ fields }: { fields: pg.FieldDef[] }) => {
      for (const field of fields) if (field.dataTypeID === charOid) field.dataTypeID = uuidOid;
    });
  });
  return pool;
}
