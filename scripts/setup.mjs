/**
 * Makes a clone ready to run: installs packages, generates and compiles, each only when what it depends on has
 * changed. Plain JavaScript without dependencies, because there may be none yet. Says what it does on standard
 * error, one line a step; a step's own output is shown only if it fails.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const path = (name) => join(root, name);
const stampFile = path('node_modules/.cache/deskgraph/setup.json');

/** Why a step failed, with its output; shown without a stack. */
export class SetupError extends Error {}

export async function setUp() {
  requireNode(20, 19);
  if (!isInstalled()) await install();

  const bin = (name) => path(`node_modules/.bin/${name}`);
  await step('Generating the database client', {
    inputs: ['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json'],
    outputs: ['src/generated/prisma/client.ts', 'src/generated/pothos.ts'],
    command: [bin('prisma'), 'generate'],
    // Prisma looks for an engine that it does not need to generate; any existing file keeps it from downloading one.
    env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  });
  await step('Generating the typed documents', {
    inputs: ['codegen.ts', 'schema.graphql', 'src/rest/documents', 'src/pages', 'test', 'package-lock.json'],
    only: /^(?!test\/generated\/).*\.(ts|graphql|json)$/,
    outputs: ['src/generated/documents/graphql.ts', 'src/generated/pages/graphql.ts', 'test/generated/gql.ts'],
    command: [bin('graphql-codegen'), '--config', 'codegen.ts'],
  });
  await step('Compiling', {
    inputs: ['src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'],
    outputs: ['dist/src/main.js'],
    command: [bin('tsc'), '-p', 'tsconfig.build.json', '--noCheck'],
  });
  await step('Declaring the types of the SDK', {
    inputs: ['src/sdk', 'tsconfig.json', 'tsconfig.sdk.json', 'package-lock.json'],
    outputs: ['dist/src/sdk/index.d.ts'],
    command: [bin('tsc'), '-p', 'tsconfig.sdk.json'],
  });
  await step('Bundling the pages', {
    inputs: ['src/pages', 'src/lib', 'src/generated/pages', 'rolldown.config.js', 'package-lock.json'],
    outputs: ['dist/pages/analytics.js', 'dist/pages/docs.js'],
    command: [bin('rolldown'), '--config', 'rolldown.config.js'],
  });
}

function requireNode(major, minor) {
  const [haveMajor = 0, haveMinor = 0] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  throw new SetupError(`Deskgraph needs Node ${major}.${minor} or newer; this is ${process.versions.node}.`);
}

/** Whether node_modules holds what package-lock.json says. npm notes there what it installed, last of all. */
function isInstalled() {
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  if (!wanted || !installed) return false;
  // What is made for another system is left out, and what is optional may be.
  return Object.entries(wanted).every(([name, { version, optional, link }]) => {
    const found = installed[name];
    return name === '' || link || found?.version === version || (optional && !found);
  });
}

function packagesOf(lockFile) {
  if (!existsSync(path(lockFile))) return undefined;
  return JSON.parse(readFileSync(path(lockFile), 'utf8')).packages;
}

async function install() {
  // Under npm run this names the npm that runs; another package manager would not read the lock file.
  const npm = process.env.npm_execpath;
  const command = npm && /npm-cli\.c?js$/.test(npm) ? [process.execPath, npm, 'ci'] : ['npm', 'ci'];
  const cache = process.env.npm_config_cache;
  const env = cache && !isWritable(cache) ? { npm_config_cache: join(tmpdir(), `npm-cache-${userInfo().uid}`) } : {};
  await run('Installing packages', command, env);
}

/** Whether a file can be made at `directory`, which may have to be created. */
function isWritable(directory) {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch (error) {
    return error.code === 'ENOENT' && dirname(directory) !== directory && isWritable(dirname(directory));
  }
}

/** Runs a command unless its inputs are as they were when it last succeeded. */
async function step(title, { inputs, only, outputs, command, env = {} }) {
  const stamps = readStamps();
  const hash = hashOf(inputs, only);
  if (stamps[title] === hash && outputs.every((output) => existsSync(path(output)))) return;
  await run(title, command, env);
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, JSON.stringify({ ...readStamps(), [title]: hash }));
}

function readStamps() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

function hashOf(inputs, only = /(?:)/) {
  const hash = createHash('sha256');
  const add = (name) => {
    if (!existsSync(path(name))) return;
    const entries = readEntries(name);
    for (const entry of entries ?? []) add(`${name}/${entry}`);
    if (!entries && only.test(name)) hash.update(`${name}\0${readFileSync(path(name), 'utf8')}\0`);
  };
  for (const name of inputs) add(name);
  return hash.digest('hex');
}

/** The sorted names in a directory; undefined for a file. */
function readEntries(name) {
  try {
    return readdirSync(path(name)).sort();
  } catch (error) {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Runs a command to its end. A signal ends it too, so that nothing is left behind. */
function run(title, [command, ...args], env) {
  console.error(`${title} …`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    const stop = (signal) => {
      child.kill(signal);
      process.exit(1);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
    child.once('error', (error) => reject(new SetupError(`${title} failed: ${error.message}`)));
    child.once('close', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, stop);
      if (code === 0) resolve();
      else reject(new SetupError(`${Buffer.concat(output)}\n${title} failed (${signal ?? `exit code ${code}`}).`));
    });
  });
}
