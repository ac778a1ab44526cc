/** Starts to listen, and shuts down in order. */
import type { Server } from 'node:http';
import { join } from 'node:path';
import { createApp } from './app.js';
import { openDatabase } from './db/database.js';
import { type Queue, startQueue } from './db/queue/queue.js';
import { openReplicas } from './db/replicas/replicas.js';
import type { DatabaseServer } from './db/server.js';
import type { Environment } from './env.js';
import { createHttpServer } from './lib/http/server.js';
import type { Gather } from './lib/observe/gather.js';
import { startTracing } from './lib/observe/tracing.js';
import { type ConnectBus, redisBus } from './lib/process/bus.js';
import { type CacheStore, memoryStore, redisStore } from './lib/process/cache.js';
import type { Log } from './lib/process/log.js';
import { StartError } from './lib/process/start-error.js';
import { openStorage } from './lib/storage/open.js';
import { announce, onSignal } from './lifecycle.js';
import { keepUp, migrated, releaseTheDead } from './upkeep.js';

/** How long requests in progress may take during shutdown. After that their connections are cut off. */
const drainMs = 6000;
/** The connections of a serving process with the other processes. */
export interface Part {
  /** The bus on which the processes announce changes. */
  connectBus: ConnectBus;
  /** Collects the metrics of all processes. */
  gather: Gather;
  /** Announces that it listens. Resolves when it may answer requests. */
  listening(): Promise<void>;
}

/**
 * Listens, and resolves when the gateway answers. From then on a signal ends the process. A single process also
 * maintains the database and prints its URLs.
 */
export async function serve(env: Environment, log: Log, server: DatabaseServer, part?: Part): Promise<void> {
  const tracing = env.tracing && (await startTracing(env.tracing));
  await migrated(server, log);
  const database = openDatabase(server.connection, {
    connections: env.databaseConnections,
    onConnectionError: (error) => log.warn({ err: error }, 'An idle database connection broke.'),
  });
  const { databaseReplicaUrl: urls, databasePooling: pooling, databaseConnections: connections } = env;
  const replicas = urls
    ? await openReplicas(database, server.connection, { urls, pooling, connections, redisUrl: env.redisUrl, log })
    : undefined;
  const isAlone = server.embedded && !part;
  if (isAlone) await releaseTheDead(database);
  const { limits, trustedProxies, introspection, graphiql, redisUrl, smtpUrl, mailFrom: from } = env;
  const { webhookTargets: targets, requestSeconds } = env;
  const mail = { smtpUrl, from, outbox: join(env.dataDir, 'outbox'), threadAddresses: env.threadAddresses };
  const connectBus: ConnectBus | undefined = redisUrl ? (told) => redisBus(redisUrl, told, log) : part?.connectBus;
  const cache = redisUrl ? await redisStore(redisUrl, log) : undefined;
  const queries = env.persistedQueries ? await queryStore(redisUrl, log) : undefined;
  const { federation, batchedQueries } = env;
  const shown = { introspection, graphiql, federation, batchedQueries };
  let queue: Queue | undefined;
  const jobs = () => (queue ? queue.trouble() : 'They are not taken yet.');
  let isLeaving = false;
  const gather = part?.gather;
  const operators = {
    jobs,
    isLeaving: () => isLeaving,
    ...(gather && { gather }),
    ...(env.metricsToken !== undefined && { metricsToken: env.metricsToken }),
  };
  const webhooks = { targets };
  const { oidc, leakedKeysPublicKey, accessLog } = env;
  const strangers = { ...(oidc && { oidc }), ...(leakedKeysPublicKey !== undefined && { leakedKeysPublicKey }) };
  const app = await createApp({
    database,
    replicas,
    log,
    limits,
    trustedProxies,
    ...shown,
    connectBus,
    cache,
    queries,
    mail,
    authservIds: env.authservIds,
    basePath: env.basePath,
    files: { storage: await openStorage(env), publicUrl: env.publicUrl },
    webhooks,
    operators,
    accessLog,
    ...strangers,
  });

  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { maxConnectionsPerAddress } = limits;
  const { http, retire } = createHttpServer(
    (request, response) => void opened.then(() => app.listener(request, response)),
    {
      maxConnectionsPerAddress,
      trustedProxies,
      requestSeconds,
      keepAliveSeconds: env.keepAliveSeconds,
      onUnknownProxy: (address) =>
        log.warn({ address }, 'Requests come by a proxy that TRUSTED_PROXIES does not name: its clients count as one.'),
    },
  );
  http.on('upgrade', (request, socket, head) => {
    // Until the application adds its own listener.
    socket.once('error', () => socket.destroy());
    void opened.then(() => app.upgrade(request, socket, head));
  });
  try {
    await listen(http, env);
  } catch (error) {
    await app.close();
    await replicas?.close();
    await database.close();
    throw error;
  }

  const started = startQueue({ connection: server.connection, log, workers: app.workers });
  queue = started;
  database.onEnqueue(started.wake);
  const dispatcher = app.dispatchWebhooks();
  // Only after the port is bound, because the keys of a demo are printed only once, and before the first request is
  // answered.
  const upkeep = isAlone ? keepUp(database, log) : null;
  onSignal(log, env.drainSeconds, async (drained) => {
    isLeaving = true;
    await drained;
    await upkeep?.end();
    const idle = Promise.all([started.stop(), dispatcher.stop()]);
    retire();
    const closed = new Promise((resolve) => http.close(resolve));
    // Ends the streams, which would not end by themselves. Requests in progress can still use the database.
    await app.close();
    await drain(http, closed);
    await idle;
    await replicas?.close();
    await database.close();
    await tracing?.stop().catch((error: unknown) => log.warn({ err: error }, 'The last spans could not be sent.'));
    await server.stop();
  });
  if (part) await part.listening();
  else announce(env, (await upkeep?.demo) ?? null);
  open();
}

/** A day is longer than the usual time between two uses of a query. Losing an entry costs a client one more request. */
const queriesKept = { bytes: 16 * 1_024 * 1_024, ttlMs: 86_400_000 };

const queryStore = async (redisUrl: string | undefined, log: Log): Promise<CacheStore> =>
  redisUrl ? redisStore(redisUrl, log, queriesKept) : memoryStore(queriesKept);

/** @throws StartError when the address cannot be used. */
function listen(http: Server, { host, port }: Environment): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      if (foreignHost.includes(error.code)) {
        const fault = `HOST ${host} is no address of this machine (${error.message})`;
        return reject(new StartError(`${fault}; set one that is, or none.`));
      }
      const reason = error.code === 'EADDRINUSE' ? 'is in use by another process' : `cannot be used (${error.message})`;
      reject(new StartError(`PORT ${port} on ${host} ${reason}; stop what uses it or set another PORT.`));
    });
    http.listen(port, host, resolve);
  });
}

/** Error codes for an address that does not exist, or that belongs to another machine. */
const foreignHost: readonly unknown[] = ['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EINVAL'];

/** Resolves when the last connection has ended. After `drainMs` the rest are cut off. */
async function drain(http: Server, closed: Promise<unknown>): Promise<void> {
  // A kept-alive connection counts as idle only after its last response was sent.
  const sweep = setInterval(() => http.closeIdleConnections(), 50);
  const force = setTimeout(() => http.closeAllConnections(), drainMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(force);
}
