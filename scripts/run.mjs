/**
 * node scripts/run.mjs start | cli | test | build [arguments]
 *
 * Sets the clone up and then becomes the program that was asked for: it runs in this very process, so signals and
 * exit codes are its own.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, SetupError, setUp } from './setup.mjs';

const programs = {
  start: 'dist/src/main.js',
  cli: 'dist/src/cli/main.js',
  test: 'node_modules/vitest/vitest.mjs',
  build: undefined,
};

const [name = '', ...args] = process.argv.slice(2);
if (!Object.hasOwn(programs, name)) {
  console.error(`Usage: node scripts/run.mjs ${Object.keys(programs).join('|')} [arguments]`);
  process.exit(2);
}
try {
  await setUp();
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exit(1);
}
const program = programs[name];
if (program) {
  const script = join(root, program);
  process.argv = [process.execPath, script, ...(name === 'test' ? ['run'] : []), ...args];
  await import(pathToFileURL(script));
}
