import { type ChildProcess, fork } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operatorOf } from '../../src/auth/caller.js';
import { openDatabase } from '../../src/db/database.js';
import { newId } from '../../src/db/ids.js';
import { ensureMigrated } from '../../src/db/migrations/migrations.js';
import { type DatabaseServer, openDatabaseServer } from '../../src/db/server.js';
import { readAllowedTargets } from '../../src/lib/http/targets.js';
import { packageRoot } from '../../src/lib/process/root.js';
import { createServices } from '../../src/services.js';
import { temporaryDataDir } from '../kit/data-dir.js';
import { createTestDatabase } from '../kit/database.js';
import { openSink, type Received, type Sink, verified } from '../modules/webhooks/sink.js';

/** WEBHOOK_EVENTS says how many there are, a multiple of 250: a gateway writes so many at a time. */
const customers = Number(process.env.WEBHOOK_EVENTS ?? 10_000);
const kills = 10;

/** Where the database of the gateways is: a directory that one at a time has, or a server. */
let where: { dataDir: string; databaseUrl?: string };
let drop: () => Promise<void>;
let sink: Sink;

beforeAll(async () => {
  sink = await openSink();
  const dataDir = await temporaryDataDir();
  const removeDir = () => rm(dataDir, { recursive: true, maxRetries: 20 });
  if (process.env.TEST_DATABASE_URL === undefined) {
    where = { dataDir };
    drop = removeDir;
  } else {
    const database = await createTestDatabase();
    where = { dataDir, databaseUrl: database.connection.connectionString ?? '' };
    drop = async () => {
      await database.drop();
      await removeDir();
    };
  }
});
afterAll(async () => {
  await drop();
  await sink.close();
});

/** Runs something on the database while no gateway has it. */
async function onDatabase<T>(work: (server: DatabaseServer) => Promise<T>): Promise<T> {
  const server = await openDatabaseServer(where, 'gateway');
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

async function prepare(): Promise<{ workspaceId: string; secret: string }> {
  return onDatabase(async (server) => {
    await ensureMigrated(server);
    const database = openDatabase(server.connection);
    const services = createServices(database, { webhookTargets: readAllowedTargets('127.0.0.1') });
    const workspaceId = newId('Workspace');
    await services.workspaces.create({ id: workspaceId, name: 'Storm' });
    const { secret } = await services.webhooks.create(operatorOf(workspaceId), {
      url: `${sink.url}/storm`,
      eventTypes: ['customer.created'],
    });
    await database.close();
    return { workspaceId, secret: secret ?? '' };
  });
}

interface Gateway {
  process: ChildProcess;
  running: Promise<void>;
  ended: Promise<unknown>;
}

function startGateway(workspaceId: string): Gateway {
  const child = fork(join(packageRoot, 'test/endurance/storm-gateway.mjs'), [
    JSON.stringify(where),
    workspaceId,
    String(customers),
  ]);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const running = new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`The gateway ended with ${code}.`)));
  });
  return { process: child, running, ended };
}

test(`${customers} events arrive at a sink that fails three times of ten, from a gateway that is killed ${kills} times`, {
  timeout: 400_000,
}, async () => {
  const { workspaceId, secret } = await prepare();
  let requests = 0;
  /** Under which ids each customer came, and which of these the sink took. */
  const told = new Map<string, Set<string>>();
  const taken = new Set<string>();
  const accepted = new WeakSet<Received>();
  // How many more the sink takes from this gateway: those that are killed get half of the events out, so that each has some.
  let quota = 0;
  sink.answer('/storm', (response, request) => {
    requests += 1;
    const isTaken = quota > 0 && Math.random() >= 0.3;
    if (isTaken) {
      accepted.add(request);
      quota -= 1;
    }
    response.writeHead(isTaken ? 200 : 500).end();
  });
  const begin = performance.now();
  const keepUp = (): void => {
    for (const request of sink.received.splice(0)) {
      const { data } = verified(secret, request) as { data: { entityId: string } };
      const id = String(request.headers['webhook-id']);
      told.set(data.entityId, (told.get(data.entityId) ?? new Set()).add(id));
      if (accepted.has(request)) taken.add(id);
    }
  };
  for (let kill = 1; kill <= kills; kill += 1) {
    const gateway = startGateway(workspaceId);
    await gateway.running;
    quota = customers / kills / 2;
    while (quota > 0) await pause(10);
    await pause(Math.random() * 500);
    gateway.process.kill('SIGKILL');
    await gateway.ended;
    keepUp();
  }
  const killedAt = requests;
  quota = customers;
  const last = startGateway(workspaceId);
  await expect
    .poll(
      () => {
        keepUp();
        return taken.size;
      },
      { timeout: 300_000, interval: 200 },
    )
    .toBe(customers);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(`${requests} requests for ${customers} events in ${seconds} s; ${killedAt} until the last kill.`);
  last.process.kill('SIGKILL');
  await last.ended;
  // One delivery for each event: every customer came under one id and no other, however often it was sent.
  const ids = [...told.values()].map((messageIds) => [...messageIds]);
  expect(ids.filter((messageIds) => messageIds.length !== 1)).toEqual([]);
  expect(new Set(ids.flat())).toEqual(taken);
});
