/** Steps that are done only when what they depend on has changed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** @param {string} name Of a file of the project, from its root. */
export const path = (name) => join(root, name);
const stampFile = path('node_modules/.cache/deskgraph/setup.json');

/** Why a step failed, with its output; shown without a stack. */
export class SetupError extends Error {}

/**
 * Runs the commands whose inputs are not as they were when they last succeeded, one after the other, and returns their
 * titles. `read` gives what counts of an input file; undefined leaves the file out.
 */
export async function steps(all) {
  const done = [];
  for (const { title, inputs, read, outputs, command, env = {} } of all) {
    const hash = hashOf(inputs, read);
    if (readStamps()[title] === hash && outputs.every((output) => existsSync(path(output)))) continue;
    // Should it fail or be cut off, what it has written already counts for nothing, even when the inputs become as before.
    writeStamp(title, undefined);
    await run(title, command, env);
    writeStamp(title, hash);
    done.push(title);
  }
  return done;
}

function readStamps() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

function writeStamp(title, hash) {
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, JSON.stringify({ ...readStamps(), [title]: hash }));
}

function hashOf(inputs, read = (name) => readFileSync(path(name), 'utf8')) {
  const hash = createHash('sha256');
  const add = (name) => {
    if (!existsSync(path(name))) return;
    const entries = readEntries(name);
    for (const entry of entries ?? []) add(`${name}/${entry}`);
    const text = entries ? undefined : read(name);
    if (text !== undefined) hash.update(`${name}\0${text}\0`);
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
export function run(title, [command, ...args], env) {
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
