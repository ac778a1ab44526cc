import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fromBench, fromProject } from '../paths.js';
import { table } from '../comparison/report.js';

const listedFunctions = 40;
const writeTimeoutMs = 30_000;

/**
 * @typedef {import('node:inspector').Profiler.Profile} Profile
 * @typedef {import('node:inspector').Profiler.ProfileNode} ProfileNode
 */

/** Node.js's arguments that make a server listen for the profile's signals. */
export const profileArgs = ['--import', fromBench('src/profile/profile-hook.js')];

/**
 * Profiles a server that was started with `profileArgs` while `work` runs.
 * @param {number} pid
 * @param {string} file where the server writes the profile, its BENCH_PROFILE
 * @param {() => Promise<unknown>} work
 * @returns {Promise<Profile>}
 */
export async function profileWhile(pid, file, work) {
  process.kill(pid, 'SIGUSR2');
  await work();
  process.kill(pid, 'SIGUSR2');
  const deadline = Date.now() + writeTimeoutMs;
  for (;;) {
    const profile = existsSync(file) && parsed(readFileSync(file, 'utf8'));
    if (profile) return profile;
    if (Date.now() > deadline) throw new Error('The server wrote no profile');
    await delay(200);
  }
}

/**
 * @param {string} text
 * @returns {Profile | undefined} undefined as long as it is not written to the end
 */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Where the time goes, by package and by function.
 * @param {Profile} profile
 * @returns {string} Markdown
 */
export function profileReport(profile) {
  const times = selfTimes(profile);
  /** @type {Map<string, number>} */
  const byPackage = new Map();
  /** @type {Map<string, number>} */
  const byFunction = new Map();
  let busy = 0;
  for (const node of profile.nodes) {
    const time = times.get(node.id) ?? 0;
    if (time === 0 || node.callFrame.functionName === '(idle)') continue;
    busy += time;
    add(byPackage, packageOf(node), time);
    add(byFunction, functionOf(node), time);
  }
  /** @param {[string, number][]} entries */
  const rows = (entries) =>
    entries.map(([name, time]) => [name, (time / 1000).toFixed(0), `${((100 * time) / busy).toFixed(1)} %`]);
  return [
    ...table(['package', 'self ms', 'share'], rows(largest(byPackage))),
    '',
    ...table(['function', 'self ms', 'share'], rows(largest(byFunction).slice(0, listedFunctions))),
  ].join('\n');
}

/**
 * Microseconds in each node itself.
 * @param {Profile} profile
 */
function selfTimes({ samples = [], timeDeltas = [] }) {
  /** @type {Map<number, number>} */
  const times = new Map();
  // A delta is the time since the sample before it: the time for which that sample stood.
  samples.slice(0, -1).forEach((id, index) => add(times, id, timeDeltas[index + 1] ?? 0));
  return times;
}

/**
 * @template Key
 * @param {Map<Key, number>} sums
 * @param {Key} key
 * @param {number} value
 */
const add = (sums, key, value) => void sums.set(key, (sums.get(key) ?? 0) + value);

/** @param {Map<string, number>} sums */
const largest = (sums) => [...sums].sort((a, b) => b[1] - a[1]);

/** @param {ProfileNode} node */
function packageOf({ callFrame: { url, functionName } }) {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  if (url.startsWith('node:')) return 'node';
  if (url.startsWith('wasm:')) return 'wasm';
  if (url.includes('generated/prisma/')) return 'generated Prisma client';
  const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  return name ?? 'own code';
}

/** @param {ProfileNode} node */
function functionOf({ callFrame: { url, functionName, lineNumber } }) {
  const name = functionName || '(anonymous)';
  if (url === '') return name;
  return `${name} ${shortPath(url)}:${lineNumber + 1}`;
}

/** @param {string} url */
function shortPath(url) {
  if (!url.startsWith('file:')) return url.startsWith('wasm:') ? 'wasm' : url;
  const path = fileURLToPath(url);
  const modules = path.lastIndexOf('/node_modules/');
  return modules >= 0 ? path.slice(modules + '/node_modules/'.length) : path.replace(fromProject('/'), '');
}
