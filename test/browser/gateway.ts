import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { layout } from '../../src/db/embedded/layout.js';
import { packageRoot } from '../../src/lib/process/root.js';
import { temporaryDirectory } from '../kit/temporary.js';

/** The built gateway as a newcomer starts it, on an embedded database of its own. */
export interface Gateway {
  /** Where it serves, without a slash at the end. */
  origin: string;
  /** The GraphQL endpoint. */
  url: string;
  /** The demo key that it printed. */
  key: string;
  /** Runs a command of the command line on its database and answers the JSON that it prints. */
  cli(...args: string[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** Each file has a gateway of its own, on a copy of the demo workspace. */
export async function startGateway(): Promise<Gateway> {
  const demo = inject('demo');
  const dataDir = await temporaryDirectory();
  await cp(layout(demo.dataDir).cluster, layout(dataDir).cluster, { recursive: true });
  const port = await freePort();
  const running = run(dataDir, port);
  await running.printed(/^Deskgraph serves /);
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    url: `${origin}/graphql`,
    key: demo.key,
    async cli(...args) {
      const script = join(packageRoot, 'dist/src/cli/main.js');
      const env = { ...process.env, DATA_DIR: dataDir, DATABASE_URL: '' };
      const { stdout } = await promisify(execFile)(process.execPath, [script, ...args, '--json'], { env });
      return JSON.parse(stdout);
    },
    async stop() {
      await running.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** Starts a gateway in an empty directory, ends it, and answers the key that it printed. */
export async function firstKey(dataDir: string): Promise<string> {
  const running = run(dataDir, await freePort());
  const [, key = ''] = await running.printed(/demo key of an integration: (\S+)\n/);
  await running.stop();
  return key;
}

function run(dataDir: string, port: number) {
  const child = spawn(process.execPath, [join(packageRoot, 'scripts/run.mjs'), 'start'], {
    env: { ...process.env, PORT: String(port), DATA_DIR: dataDir, DATABASE_URL: '', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  return {
    /** Resolves when it has printed this; fails when it ends before. */
    printed: (pattern: RegExp): Promise<RegExpExecArray> =>
      new Promise((resolve, reject) => {
        let output = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          output += text;
          const found = pattern.exec(output);
          if (found) resolve(found);
        });
        child.once('exit', () => reject(new Error(`The gateway ended before it printed ${pattern}:\n${output}`)));
      }),
    async stop(): Promise<void> {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || address === null) throw new Error('The system gave no port.');
  return address.port;
}
