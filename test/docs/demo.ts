import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { packageRoot } from '../../src/lib/process/root.js';
import { temporaryDataDir } from '../kit/data-dir.js';
import { type Gateway, startGateway } from '../kit/gateway.js';
import { createStandIns } from './stand-ins.js';

/** A gateway on the embedded database with its demo workspace, as `npm start` makes it; samples run against it. */
export interface Demo {
  origin: string;
  key: string;
  /** Answers an operation of the sample's text, with whatever status. */
  ask(query: string, variables?: unknown): Promise<{ data?: Record<string, unknown>; errors?: unknown }>;
  /** The text of a sample with the address of this gateway, and ids of rows that were made for it. */
  fitted(text: string): Promise<string>;
  /** Runs a program to its end in the working directory of the samples. */
  run(command: readonly string[]): Promise<{ code: number | null; out: string; err: string }>;
  /** Puts a file into that directory. */
  write(name: string, text: string): Promise<void>;
  close(): Promise<void>;
}

/** Where the documents say that the gateway is. */
const documentedHost = '127.0.0.1:4000';
const beside = (name: string): string => join(packageRoot, 'test/docs', name);

/** The key that a first start prints. */
function demoKeyIn({ out, err }: Gateway): string {
  const [, key] = /demo key of an integration: (\S+)\n/.exec(out()) ?? [];
  if (key === undefined) throw new Error(`The gateway printed no key yet: ${out()}${err()}`);
  return key;
}

export async function startDemo(): Promise<Demo> {
  const dataDir = await temporaryDataDir();
  const work = await mkdtemp(join(tmpdir(), 'deskgraph-samples-'));
  const gateway: Gateway = await startGateway({ DATA_DIR: dataDir, LOG_LEVEL: 'warn', FEDERATION: 'on' });
  const key = await vi.waitFor(() => demoKeyIn(gateway), { timeout: 120_000 });
  const origin = gateway.url;
  const commands = join(work, 'commands.sock');
  const commandServer = fork(beside('command-server.mjs'), [commands], {
    cwd: work,
    env: { PATH: process.env.PATH, DATA_DIR: dataDir },
    execArgv: [],
  });
  await once(commandServer, 'message');

  const ask: Demo['ask'] = async (query, variables) => {
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Awaited<ReturnType<Demo['ask']>>;
  };
  const run: Demo['run'] = async ([command = '', ...args]) => {
    const env = {
      PATH: process.env.PATH,
      KEY: key,
      COMMANDS: commands,
      DESKGRAPH: beside('command.mjs'),
      CURL: beside('curl.mjs'),
    };
    const child = spawn(command, args, { cwd: work, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err += chunk));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { code, out, err };
  };
  const standIns = createStandIns(ask, async (...args) => {
    const { out } = await run([process.execPath, beside('command.mjs'), ...args, '--json']);
    return JSON.parse(out);
  });

  return {
    origin,
    key,
    ask,
    fitted: (text) => standIns.putInto(text.replaceAll(documentedHost, new URL(origin).host)),
    run,
    write: (name, text) => writeFile(join(work, name), text),
    async close() {
      commandServer.disconnect();
      gateway.process.kill('SIGTERM');
      await gateway.ended;
      await rm(work, { recursive: true });
      // A database that lost its gateway may still be closing.
      await rm(dataDir, { recursive: true, maxRetries: 20 });
    },
  };
}
