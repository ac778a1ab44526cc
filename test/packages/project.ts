import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/lib/process/root.js';
import { bareEnvironment, type Node } from './node-versions.js';

const execute = promisify(execFile);

/** Packs what is published into `directory`, and answers the tarballs. */
export async function pack(directory: string): Promise<string[]> {
  await mkdir(directory);
  const args = ['pack', '--workspaces', '--include-workspace-root', `--pack-destination=${directory}`];
  await execute('npm', args, { cwd: packageRoot, env: bareEnvironment() });
  return readdirSync(directory).map((name) => join(directory, name));
}

/** Makes `directory` a project with nothing but these packages, installed by npm on `node`. */
export async function createProject(directory: string, tarballs: readonly string[], node: Node): Promise<void> {
  await mkdir(directory);
  writeFileSync(join(directory, 'package.json'), '{"private":true,"type":"module"}');
  // Packages that are there already are not fetched again; npm checks them as any others.
  await execute('cp', ['-a', '--parents', ...runtimePackages(), directory], { cwd: packageRoot });
  // Fails when a package does not take this Node.js.
  const options = ['--engine-strict', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await execute('npm', ['install', ...options, ...tarballs], { cwd: directory, env: node.environment });
}

/** The directories of the packages that the gateway runs with. */
function runtimePackages(): string[] {
  const { packages } = JSON.parse(readFileSync(join(packageRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: true; devOptional?: true; link?: true }>;
  };
  return Object.entries(packages)
    .filter(([name, { dev, devOptional, link }]) => !dev && !devOptional && !link && /^node_modules\//.test(name))
    .map(([name]) => name)
    .filter((name) => name.lastIndexOf('node_modules/') === 0 && existsSync(join(packageRoot, name)));
}
