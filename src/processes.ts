/**
 * Runs several processes that serve from one database on one machine. They share the port through Node's cluster
 * module.
 */
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { openDatabase } from './db/database.js';
import type { DatabaseServer } from './db/server.js';
import type { Environment } from './env.js';
import { createGatherer, type GatherMessage, gatherBy, type Member } from './lib/observe/gather.js';
import { gathered } from './lib/process/bus.js';
import type { Log } from './lib/process/log.js';
import { StartError } from './lib/process/start-error.js';
import { announce, onSignal } from './lifecycle.js';
import type { Part } from './serve.js';
import { keepUp, migrated, releaseTheDead } from './upkeep.js';

/** The messages between the processes. */
type Message = { changed: string[] } | { listening: true } | { open: true } | GatherMessage;

const replaceAfterMs = 1_000;

/** Starts the serving processes, replaces those that die, and maintains the database. */
export async function serveByProcesses(env: Environment, log: Log, server: DatabaseServer): Promise<void> {
  await migrated(server, log);
  const database = openDatabase(server.connection, {
    connections: 2,
    onConnectionError: (error) => log.warn({ err: error }, 'An idle database connection broke.'),
  });
  if (server.embedded) await releaseTheDead(database);
  let isOpen = false;
  let stopping = false;
  const workers = new Set<Worker>();
  const members = new Set<Member>();
  const takeCounts = createGatherer(members);

  const start = (): Promise<void> => {
    const worker = cluster.fork();
    const member: Member = { send: (message) => tell(worker, message) };
    workers.add(worker);
    members.add(member);
    worker.once('exit', (code, signal) => {
      workers.delete(worker);
      members.delete(member);
      if (!isOpen || stopping) return;
      log.error({ code, signal }, 'A process of the gateway died and is replaced.');
      setTimeout(() => {
        // If the new process dies at once, it is replaced again.
        if (!stopping) start().catch(() => undefined);
      }, replaceAfterMs);
    });
    return new Promise((resolve, reject) => {
      worker.once('exit', () => reject(new StartError('The processes of the gateway could not be started.')));
      worker.on('message', (message: Message) => {
        if ('listening' in message) {
          if (isOpen) tell(worker, { open: true });
          resolve();
        }
        if ('wanted' in message || 'reported' in message) takeCounts(member, message);
        if ('changed' in message) for (const other of workers) if (other !== worker) tell(other, message);
      });
    });
  };

  try {
    // The first process starts alone, so that a port that cannot be used is reported only once.
    await start();
    await Promise.all(Array.from({ length: env.webConcurrency - 1 }, start));
  } catch (error) {
    await database.close();
    throw error;
  }
  const upkeep = server.embedded ? keepUp(database, log) : null;
  // The serving processes wait for the drain time themselves.
  onSignal(log, env.drainSeconds, async () => {
    stopping = true;
    await upkeep?.end();
    await Promise.all([...workers].map(stop));
    await database.close();
    await server.stop();
  });
  announce(env, (await upkeep?.demo) ?? null);
  isOpen = true;
  for (const worker of workers) tell(worker, { open: true });
}

function tell(worker: Worker, message: Message): void {
  if (worker.isConnected()) worker.send(message);
}

/** Shuts a process down. A terminal may already have signalled it. */
async function stop(worker: Worker): Promise<void> {
  if (worker.isDead()) return;
  const ended = once(worker, 'exit');
  worker.process.kill('SIGTERM');
  await ended;
}

/** Connects a serving process with the others. */
export function partOf(process: NodeJS.Process): Part {
  const send = (message: Message): void => void process.send?.(message);
  return {
    connectBus(told) {
      process.on('message', (message: Message) => {
        if ('changed' in message) for (const workspaceId of message.changed) told(workspaceId);
      });
      const publish = gathered((changed) => {
        for (const workspaceId of changed) told(workspaceId);
        send({ changed });
      });
      return { publish, close: async () => undefined };
    },
    gather: gatherBy(send, (told) => process.on('message', told)),
    async listening() {
      const opened = new Promise<void>((resolve) => {
        process.on('message', (message: Message) => {
          if ('open' in message) resolve();
        });
      });
      send({ listening: true });
      await opened;
    },
  };
}
