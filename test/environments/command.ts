import { execFile } from 'node:child_process';
import { packageRoot } from '../../src/lib/process/root.js';

export interface Outcome {
  code: number;
  out: string;
  err: string;
}

/** Runs the compiled command line with nothing in its environment but these variables. */
export function command(args: readonly string[], variables: Record<string, string>): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['dist/src/cli/main.js', ...args],
      { cwd: packageRoot, env: { PATH: process.env.PATH, ...variables } },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}
