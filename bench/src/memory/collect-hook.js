// Preloaded into a server whose memory is looked at. At a signal it collects all garbage and writes what is left to a file.
import { renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = /** @type {() => void} */ (runInNewContext('gc'));

process.on('SIGUSR2', () => {
  collect();
  const file = /** @type {string} */ (process.env.BENCH_MEMORY);
  writeFileSync(`${file}.part`, JSON.stringify(process.memoryUsage()));
  // So that nobody reads a half of it.
  renameSync(`${file}.part`, file);
});
