/** The gateway's process: reads the environment, opens the database, and serves. */
import cluster from 'node:cluster';
import { openDatabaseServer } from './db/server.js';
import { readEnvironment } from './env.js';
import { createLog } from './lib/process/log.js';
import { StartError } from './lib/process/start-error.js';

async function main(): Promise<void> {
  const env = readEnvironment();
  const log = createLog(env.logLevel);
  // Loading the modules takes as long as opening the database, so both run in parallel.
  const modules = Promise.all([import('./serve.js'), import('./processes.js')]);
  // A worker process uses the database that the first process has opened.
  const server = await openDatabaseServer(env, cluster.isWorker ? 'tool' : 'gateway', {
    onRestart: () => log.warn('The embedded database died and was started again.'),
    onFailure: (error) => {
      log.fatal({ err: error }, 'The embedded database died and cannot be started again.');
      process.exit(1);
    },
  });
  try {
    const [{ serve }, { partOf, serveByProcesses }] = await modules;
    if (cluster.isWorker) await serve(env, log, server, partOf(process));
    else if (env.webConcurrency > 1) await serveByProcesses(env, log, server);
    else await serve(env, log, server);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof StartError ? error.message : error);
  process.exit(1);
});
