// Preloaded into a server that is profiled. A signal starts the CPU profile and the next one ends and writes it, so
// that neither start-up nor warming is in it and the server need not shut down.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

const session = new Session();
let profiling = false;

process.on('SIGUSR2', async () => {
  profiling = !profiling;
  if (profiling) {
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
  } else {
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(/** @type {string} */ (process.env.BENCH_PROFILE), JSON.stringify(profile));
    session.disconnect();
  }
});
