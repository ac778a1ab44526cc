import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fromBench } from '../paths.js';

/** What a server gets to finish the requests that the end of the load cut off, before anything else is measured. */
const settleMs = 300;

/**
 * @typedef {object} LoadGenerator
 * @property {(job: import('./load-process.js').Job) => Promise<import('./load-process.js').LoadResult>} run
 * @property {() => Promise<void>} settle
 * @property {() => void} stop
 */

/** @returns {LoadGenerator} */
export function startLoadGenerator() {
  const child = fork(fromBench('src/load/load-process.js'));
  const death = new AbortController();
  child.once('exit', () => death.abort());
  return {
    run: async (job) => {
      child.send(job);
      try {
        const [result] = await once(child, 'message', { signal: death.signal });
        return result;
      } catch (cause) {
        throw new Error('The load generator died', { cause });
      }
    },
    settle: () => delay(settleMs),
    stop: () => child.kill(),
  };
}
