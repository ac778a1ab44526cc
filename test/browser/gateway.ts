import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
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

export async function startGateway(): Promise<Gateway> {
  const dataDir = await temporaryDirectory();
  const port = await freePort();
  const child = spawn(process.execPath, [join(packageRoot, 'scripts/run.mjs'), 'start'], {
    env: { ...process.env, PORT: String(port), DATA_DIR: dataDir, DATABASE_URL: '', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const key = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const [, found] = /demo key of an integration: (\S+)\n/.exec(output) ?? [];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error(`The gateway ended before it printed a key:\n${output}`)));
  });
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    url: `${origin}/graphql`,
    key,
    async cli(...args) {
      const script = join(packageRoot, 'dist/src/cli/main.js');
      const env = { ...process.env, DATA_DIR: dataDir, DATABASE_URL: '' };
      const { stdout } = await promisify(execFile)(process.execPath, [script, ...args, '--json'], { env });
      return JSON.parse(stdout);
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(dataDir, { recursive: true });
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
