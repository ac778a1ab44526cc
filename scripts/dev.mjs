/**
 * Runs the gateway and starts it anew when a source has changed. What the change touches is generated, compiled and
 * bundled first, the pages too; when that fails, the gateway goes on as it was, or starts after the change that mends
 * it. Arguments are those of the gateway.
 */
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { prepare } from './setup.mjs';
import { root, SetupError } from './steps.mjs';

/** How long nothing must change: editors and Git write several files at once. */
const settledMs = 100;

/** Undefined until a build has succeeded. */
let gateway;
let timer;
let reloading = reload();

watch(root, changed);
for (const name of ['src', 'prisma']) watch(join(root, name), { recursive: true }, changed);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    if (!gateway) process.exit(1);
    gateway.stop();
    process.exit(await gateway.stopped);
  });
}
// However this process ends.
process.on('exit', () => gateway?.stop());

function changed() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    reloading = reloading.then(reload);
  }, settledMs);
}

async function reload() {
  try {
    const done = await prepare();
    if (gateway && done.length === 0) return;
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    console.error(gateway ? 'The gateway goes on as it was.' : 'The gateway starts after the next change.');
    return;
  }
  gateway?.stop();
  await gateway?.stopped;
  gateway = start();
}

function start() {
  const script = join(root, 'dist/src/main.js');
  // In a group of its own, so that it gets the signals of a terminal once: from this process.
  const child = spawn(process.execPath, [script, ...process.argv.slice(2)], { detached: true, stdio: 'inherit' });
  const stopped = new Promise((resolve) => {
    child.once('exit', (code) => {
      if (!child.killed) console.error(`The gateway ended with code ${code}; it starts again after the next change.`);
      resolve(code ?? 1);
    });
  });
  return { stopped, stop: () => child.kill('SIGTERM') };
}
