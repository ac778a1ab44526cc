/**
 * node scripts/run.mjs start | dev | cli | test | watch | build [arguments]
 *
 * Sets the clone up and then becomes the program that was asked for: it runs in this very process, so signals and
 * exit codes are its own.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, generate, prepare } from './setup.mjs';
import { root, SetupError } from './steps.mjs';

const vitest = 'node_modules/vitest/vitest.mjs';
const programs = {
  start: { setUp: prepare, script: 'dist/src/main.js' },
  // Builds by itself: at first as after each change, a build that fails is tried again after the next one.
  dev: { script: 'scripts/dev.mjs' },
  cli: { setUp: prepare, script: 'dist/src/cli/main.js' },
  // Tests that need the compiled code have it compiled.
  test: { setUp: generate, script: vitest, before: ['run'] },
  watch: { setUp: generate, script: vitest, before: ['watch'] },
  build: { setUp: build },
};

const [name = '', ...args] = process.argv.slice(2);
if (!Object.hasOwn(programs, name)) {
  console.error(`Usage: node scripts/run.mjs ${Object.keys(programs).join('|')} [arguments]`);
  process.exit(2);
}
const { setUp, script, before = [] } = programs[name];
try {
  await setUp?.();
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exit(1);
}
if (script) {
  const program = join(root, script);
  process.argv = [process.execPath, program, ...before, ...args];
  await import(pathToFileURL(program));
}
