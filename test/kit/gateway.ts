import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { Readable } from 'node:stream';
import { expect } from 'vitest';
import { packageRoot } from '../../src/lib/process/root.js';

/** The gateway as operators run it: a process of its own, from the compiled code. */
export interface Gateway {
  process: ChildProcessByStdio<null, Readable, Readable>;
  url: string;
  /** What it has printed so far. */
  out: () => string;
  err: () => string;
  /** Its exit code. */
  ended: Promise<number | null>;
}

/** Starts a gateway on a free port with nothing in its environment but these variables, from this build when nothing else is named. */
export async function startGateway(
  variables: Record<string, string>,
  {
    directory = packageRoot,
    program = process.execPath,
    script = ['dist/src/main.js'],
  }: { directory?: string; program?: string; script?: string[] } = {},
): Promise<Gateway> {
  const port = await freePort();
  const child = spawn(program, script, {
    cwd: directory,
    env: { PATH: process.env.PATH, PORT: String(port), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { process: child, url: `http://127.0.0.1:${port}`, out: () => out, err: () => err, ended };
}

/** Resolves when it answers requests. */
export const serves = (gateway: Gateway) => expect.poll(gateway.out).toContain(`${gateway.url}/graphql`);

export async function kill(gateway: Gateway): Promise<void> {
  gateway.process.kill('SIGKILL');
  await gateway.ended;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
