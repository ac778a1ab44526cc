import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import releases from './node-versions.json' with { type: 'json' };

/**
 * The releases of Node.js that the packages are tried on: the oldest that package.json takes, and later lines. On the newest one
 * `.ci/run` runs all tests.
 */
export const { oldest } = releases;
export const nodeVersions = [oldest, ...releases.later];

const execute = promisify(execFile);

/** A release of Node.js, fetched as a package. */
export class Node {
  private constructor(private readonly bin: string) {}

  /** Puts it into `directory`. npm compares it with the digest that the registry has. */
  static async fetch(version: string, directory: string): Promise<Node> {
    await mkdir(directory);
    await execute('npm', ['pack', `node-linux-${process.arch}@${version}`, '--prefer-offline'], {
      cwd: directory,
      env: bareEnvironment(),
    });
    const [tarball = ''] = await readdir(directory);
    // Named one by one, since the headers are thousands of files.
    await execute('tar', ['xzf', tarball, 'package/bin/node'], { cwd: directory });
    return new Node(join(directory, 'package/bin'));
  }

  get program(): string {
    return join(this.bin, 'node');
  }

  /** With this Node.js before any other, and nothing of the process that runs the tests. */
  get environment(): Record<string, string> {
    const { PATH = '', ...rest } = bareEnvironment();
    return { ...rest, PATH: `${this.bin}:${PATH}` };
  }

  /** Runs a script to its end, and answers what it printed; fails when it complains. */
  async run(directory: string, ...args: string[]): Promise<string> {
    const { stdout, stderr } = await execute(this.program, args, { cwd: directory, env: this.environment });
    if (stderr) throw new Error(`${args.join(' ')} complains: ${stderr}`);
    return stdout;
  }
}

/** Each option of npm run that reached a child would hold for what it does too. */
export function bareEnvironment(): Record<string, string> {
  // How this machine reaches the network, and whom it trusts there, beside what a shell knows.
  const names = /^(PATH|HOME|NODE_EXTRA_CA_CERTS|(HTTPS?|NO)_PROXY)$/i;
  const known = Object.entries(process.env).filter(([name]) => names.test(name));
  return Object.fromEntries(known.map(([name, value = '']) => [name, value]));
}
