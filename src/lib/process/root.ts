import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** The directory that holds package.json, whether this file runs from src/ or, compiled, from dist/src/. */
export const packageRoot = findRoot(import.meta.dirname);

export const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };

/**
 * Whether the gateway is installed as a package of another project. Then nothing permanent may be stored in its
 * directory.
 */
const isPackage = packageRoot.includes(`${sep}node_modules${sep}`);

/** The directory of the settings and the data: the clone, or the directory of the project that installed the package. */
export const home = isPackage ? process.cwd() : packageRoot;

/** The beginning of a command line for this installation. */
export const commandPrefix = isPackage ? 'npx deskgraph' : 'npm run -s cli --';

function findRoot(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error('package.json is missing: the installation is not complete.');
  return findRoot(parent);
}
