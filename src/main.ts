/** The gateway: reads the environment, opens the database, listens, and shuts down in order. */
import { createServer, type Server } from 'node:http';
import { ensureMigrated } from './db/migrations.js';
import { type DatabaseServer, openDatabaseServer } from './db/server.js';
import { type Environment, readEnvironment } from './env.js';
import { createLog, type Log } from './lib/log.js';
import { StartError } from './lib/start-error.js';

/** Requests under way have this long to end; what hangs after it is cut off. */
const drainMs = 6000;
/** A shut-down that takes longer is broken off. */
const shutdownMs = 10_000;

async function main(): Promise<void> {
  const env = readEnvironment();
  const log = createLog(env.logLevel);
  // The schema takes as long to load as the database to open, so both begin at once.
  const modules = import('./app.js');
  const server = await openDatabaseServer(env, 'gateway', {
    onRestart: () => log.warn('The embedded database died and was started again.'),
    onFailure: (error) => {
      log.fatal({ err: error }, 'The embedded database cannot be started again.');
      process.exit(1);
    },
  });
  try {
    await serve(env, log, server, await modules);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function serve(
  env: Environment,
  log: Log,
  server: DatabaseServer,
  { createApp }: typeof import('./app.js'),
): Promise<void> {
  const applied = await ensureMigrated(server);
  if (applied.length > 0) log.info({ migrations: applied }, 'The database was migrated.');

  const { openDatabase } = await import('./db/database.js');
  const database = openDatabase(server.connection, {
    embedded: server.embedded,
    onConnectionError: (error) => log.warn({ err: error }, 'An idle database connection broke.'),
  });
  const app = await createApp({ database, env, log });
  const http = createServer(app.listener);
  try {
    await listen(http, env);
  } catch (error) {
    await app.close();
    await database.close();
    throw error;
  }

  // A real database belongs to somebody; only one that was made for trying things out gets a demo, while it is empty,
  // and only now that its keys, which are shown once, will be seen.
  const demo = server.embedded ? await (await import('./modules/workspace/demo.seed.js')).seedDemo(database) : null;
  console.log(`Deskgraph serves ${env.publicUrl}/graphql (open it in a browser for GraphiQL)`);
  if (demo) {
    for (const { label, key } of demo.keys) console.log(`  ${label}: ${key}`);
    console.log(
      '  These keys of the demo workspace are shown only this once; npm run cli -- keys create makes others.',
    );
  }

  const shutDown = async (): Promise<void> => {
    const closed = new Promise((resolve) => http.close(resolve));
    // Ends the streams that would never end by themselves; requests under way still have their database.
    await app.close();
    await drain(http, closed);
    await database.close();
    await server.stop();
  };
  onSignal(log, shutDown);
}

/** Throws StartError when the address cannot be had. */
function listen(http: Server, { host, port }: Environment): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use by another process' : `cannot be used (${error.message})`;
      reject(new StartError(`PORT ${port} on ${host} ${reason}; stop what uses it or set another PORT.`));
    });
    http.listen(port, host, resolve);
  });
}

/** Resolves when the last connection has ended, after `drainMs` by force. */
async function drain(http: Server, closed: Promise<unknown>): Promise<void> {
  // A connection that is kept alive counts as idle only once its last answer is out.
  const sweep = setInterval(() => http.closeIdleConnections(), 50);
  const force = setTimeout(() => http.closeAllConnections(), drainMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(force);
}

/** Shuts down at the first signal; a terminal and npm may each send one, so later ones change nothing. */
function onSignal(log: Log, shutDown: () => Promise<void>): void {
  let begun = false;
  const end = (signal: string): void => {
    if (begun) return;
    begun = true;
    log.info({ signal }, 'Shutting down.');
    setTimeout(() => {
      log.error(`The shut-down took longer than ${shutdownMs} ms and is broken off.`);
      process.exit(1);
    }, shutdownMs).unref();
    shutDown().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'The shut-down failed.');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
}

main().catch((error: unknown) => {
  console.error(error instanceof StartError ? error.message : error);
  process.exit(1);
});
