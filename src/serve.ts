/** Listens, and shuts down in order. */
import { createServer, type Server } from 'node:http';
import { createApp } from './app.js';
import { openDatabase } from './db/database.js';
import { keepHouse } from './db/housekeeping.js';
import { ensureMigrated } from './db/migrations.js';
import { startQueue } from './db/queue/queue.js';
import type { DatabaseServer } from './db/server.js';
import type { Environment } from './env.js';
import type { Log } from './lib/log.js';
import { StartError } from './lib/start-error.js';
import { idempotencyService } from './modules/idempotency/idempotency.service.js';
import { seedDemo } from './modules/workspace/demo.seed.js';

/** Requests under way have this long to end; what hangs after it is cut off. */
const drainMs = 6000;
/** A shut-down that takes longer is broken off. */
const shutdownMs = 10_000;

/** Migrates, listens and resolves when the gateway answers; from then on a signal ends the process. */
export async function serve(env: Environment, log: Log, server: DatabaseServer): Promise<void> {
  const applied = await ensureMigrated(server);
  if (applied.length > 0) log.info({ migrations: applied }, 'The database was migrated.');
  const database = openDatabase(server.connection, {
    onConnectionError: (error) => log.warn({ err: error }, 'An idle database connection broke.'),
  });
  // On the embedded database there is no other gateway, so whoever had begun something is dead.
  if (server.embedded) await idempotencyService(database).releaseAll();
  const { limits, introspection, graphiql, redisUrl } = env;
  const app = await createApp({ database, log, limits, introspection, graphiql, redisUrl });

  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const http = createServer((request, response) => void opened.then(() => app.listener(request, response)));
  http.on('upgrade', (request, socket, head) => {
    // Until the application listens to it.
    socket.once('error', () => socket.destroy());
    void opened.then(() => app.upgrade(request, socket, head));
  });
  try {
    await listen(http, env);
  } catch (error) {
    await app.close();
    await database.close();
    throw error;
  }

  const { connection, embedded: alone } = server;
  const queue = await startQueue({ connection, log, workers: app.workers, alone });
  // A real database belongs to somebody; only one that was made for trying things out gets a demo, while it is empty.
  // Only when the port is ours, because the keys are shown once; and before the first request is answered.
  const seeded = server.embedded ? seedDemo(database) : Promise.resolve(null);
  const endHousekeeping = server.embedded
    ? keepHouse(database, (error) => log.warn({ err: error }, 'The housekeeping of the embedded database failed.'))
    : () => undefined;
  onSignal(log, async () => {
    endHousekeeping();
    await seeded;
    const idle = queue.stop();
    const closed = new Promise((resolve) => http.close(resolve));
    // Ends the streams that would never end by themselves; requests under way still have their database.
    await app.close();
    await drain(http, closed);
    await idle;
    await database.close();
    await server.stop();
  });
  const demo = await seeded;
  const hint = graphiql ? ' (open it in a browser for GraphiQL)' : '';
  console.log(`Deskgraph serves ${env.publicUrl}/graphql${hint}`);
  for (const { label, key } of demo?.keys ?? []) console.log(`  ${label}: ${key}`);
  if (demo) console.log('  The keys are shown only this once; npm run cli -- keys create makes others.');
  open();
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
