import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { packageRoot } from '../../src/lib/process/root.js';
import type { Run } from './run.js';

/** The compiled command line as a process of its own. */
export function startCommand(
  args: readonly string[],
  env: Record<string, string>,
  nodeOptions: readonly string[] = [],
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [...nodeOptions, 'dist/src/cli/main.js', ...args], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH, DATABASE_URL: '', ...env },
  });
}

/** What a command left behind when it has ended. */
export function ended(child: ChildProcessWithoutNullStreams): Promise<Run> {
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? -1, out, err })));
}
