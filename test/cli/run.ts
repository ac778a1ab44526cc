import { Readable, Writable } from 'node:stream';
import pg from 'pg';
import { inject } from 'vitest';
import { runCommandLine } from '../../src/cli/shell/program.js';
import { memoryStorage } from '../../src/lib/storage/memory.js';
import type { Storage } from '../../src/lib/storage/storage.js';
import { testConnection } from '../kit/connection.js';

/** What a command left behind. */
export interface Run {
  code: number;
  out: string;
  err: string;
}

export interface RunOptions {
  /** Standard input. */
  input?: string | Buffer;
  isTerminal?: boolean;
  /** Where the database is; that of the test run when left out. */
  connection?: pg.PoolConfig;
  /** Where files are stored; nowhere that lasts when left out. */
  storage?: Storage;
}

/** Runs a command in this process. */
export async function run(
  args: readonly string[],
  { input = '', isTerminal = false, connection = testConnection(), storage = memoryStorage() }: RunOptions = {},
): Promise<Run> {
  let out = '';
  let err = '';
  const code = await runCommandLine(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    output: () =>
      new Writable({
        decodeStrings: false,
        write(chunk: string, _encoding, done) {
          out += chunk;
          done();
        },
      }),
    isTerminal,
    input: () => Readable.from([Buffer.from(input)]),
    openStorage: async () => storage,
    openServer: async () => ({
      connection,
      direct: connection,
      embedded: inject('embedded'),
      attached: false,
      stop: async () => undefined,
    }),
  });
  return { code, out, err };
}

/** Runs a command that is expected to succeed and answers what it printed as JSON. */
export async function runJson(args: readonly string[], options?: RunOptions): Promise<unknown> {
  const { code, out, err } = await run([...args, '--json'], options);
  if (code !== 0) throw new Error(`exit code ${code}: ${err}`);
  return JSON.parse(out);
}

let workspaces = 0;

/** A workspace for one test. */
export async function newWorkspace(): Promise<string> {
  workspaces += 1;
  const id = `wrk_cli_${process.pid}_${Date.now()}_${workspaces}`;
  await runJson(['workspace', 'create', '--id', id]);
  return id;
}

/** Reads the database of the test run with plain SQL; `$1` is the workspace. */
export async function query(statement: string, workspaceId: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(testConnection());
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement, [workspaceId])).rows;
  } finally {
    await client.end();
  }
}
