import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { fromBench } from '../paths.js';
import { freePort } from '../database/postgres.js';

const startTimeoutMs = 60_000;
const stopTimeoutMs = 5_000;

/**
 * A rival's server, running.
 * @typedef {object} RunningServer
 * @property {number} pid
 * @property {string} origin
 * @property {() => Promise<void>} stop
 */

/**
 * @param {import('./rival.js').Launch} launch
 * @param {{ node: string, databaseUrl: string, nodeArgs?: string[], askedEveryMs?: number }} how
 * @returns {Promise<RunningServer>}
 */
export async function startServer({ args, cwd, env, readyPath }, { node, databaseUrl, nodeArgs = [], askedEveryMs = 100 }) {
  const port = await freePort();
  const child = spawn(node, [...nodeArgs, ...args], {
    cwd,
    env: { ...process.env, NODE_ENV: 'production', DATABASE_URL: databaseUrl, PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  /** @param {Buffer} chunk */
  const keep = (chunk) => {
    output = (output + chunk).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);

  const origin = `http://127.0.0.1:${port}`;
  const exited = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const done = await Promise.race([exited, delay(stopTimeoutMs, undefined, { ref: false })]);
    if (!done) child.kill('SIGKILL');
    await exited;
  };

  const deadline = Date.now() + startTimeoutMs;
  while (!(await answers(origin + readyPath))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`The server did not start: node ${args.join(' ')}\n${output}`);
    }
    await delay(askedEveryMs);
  }
  return { pid: /** @type {number} */ (child.pid), origin, stop };
}

/** @param {string} url */
async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await response.arrayBuffer();
    return response.status !== 503;
  } catch {
    return false;
  }
}

/**
 * The Node.js that runs the servers. All of them get the same one, so that the runtime is not what is compared;
 * the bundled one because PostGraphile needs a newer one than Deskgraph does.
 * @param {string} which
 */
export function findNode(which) {
  if (which === 'current') return process.execPath;
  if (which !== 'bundled') return which;
  const path = fromBench(`node_modules/node-linux-${process.arch}/bin/node`);
  if (!existsSync(path)) throw new Error(`No Node.js is bundled for linux-${process.arch}: use --node`);
  return path;
}

/** @param {string} node */
export async function versionOf(node) {
  return (await promisify(execFile)(node, ['--version'])).stdout.trim();
}
