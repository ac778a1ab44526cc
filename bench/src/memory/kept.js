import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fromBench } from '../paths.js';

const answerTimeoutMs = 60_000;

/** Node.js's arguments that make a server listen for the signal. */
export const collectArgs = ['--import', fromBench('src/memory/collect-hook.js')];

/**
 * What a server that was started with `collectArgs` keeps when all garbage is collected, in MiB: objects, and bytes outside of the heap.
 * @param {number} pid
 * @param {string} file where the server writes it, its BENCH_MEMORY
 */
export async function keptMemory(pid, file) {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  const deadline = Date.now() + answerTimeoutMs;
  while (!existsSync(file)) {
    if (Date.now() > deadline) throw new Error('The server did not tell what it keeps');
    await delay(100);
  }
  /** @type {NodeJS.MemoryUsage} */
  const { heapUsed, external } = JSON.parse(readFileSync(file, 'utf8'));
  return { heap: heapUsed / 2 ** 20, external: external / 2 ** 20 };
}
