import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { postgresVersion } from '../../../src/db/embedded/layout.js';
import { currentHolder } from '../../../src/db/embedded/lock.js';
import { DirectoryInUseError, startEmbedded } from '../../../src/db/embedded/start.js';
import { type DatabaseServer, openDatabaseServer } from '../../../src/db/server.js';
import { packageRoot } from '../../../src/lib/process/root.js';
import { migratedCluster } from '../../kit/cluster.js';
import { temporaryDirectory } from '../../kit/temporary.js';

let dataDir: string;
const servers: DatabaseServer[] = [];
const gateways: ChildProcess[] = [];

beforeAll(async () => {
  dataDir = join(await temporaryDirectory(), 'with space');
  await cp(await migratedCluster(), join(dataDir, 'postgres'), { recursive: true });
});

afterEach(async () => {
  for (const gateway of gateways.splice(0)) gateway.kill('SIGKILL');
  for (const server of servers.splice(0)) await server.stop();
});

afterAll(() => rm(dirname(dataDir), { recursive: true }));

async function open(role: 'gateway' | 'tool', directory = dataDir): Promise<DatabaseServer> {
  const server = await openDatabaseServer({ dataDir: directory }, role);
  servers.push(server);
  return server;
}

async function query(connection: pg.PoolConfig, text: string): Promise<unknown[]> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

/** A gateway in a process of its own that reports the number of each row it has written. */
async function writingGateway(): Promise<{ gateway: ChildProcess; rows: () => number }> {
  const gateway = fork(join(import.meta.dirname, 'writing-gateway.mjs'), [dataDir], { execArgv: [] });
  gateways.push(gateway);
  let last = 0;
  gateway.on('message', (row) => {
    last = Number(row);
  });
  await expect.poll(() => last, { interval: 20 }).toBeGreaterThan(0);
  return { gateway, rows: () => last };
}

describe('while a gateway runs', () => {
  let gateway: DatabaseServer;
  beforeAll(async () => {
    gateway = await openDatabaseServer({ dataDir }, 'gateway');
  });
  afterAll(() => gateway.stop());

  test('nobody but the owner can reach the database', async () => {
    const { host = '' } = gateway.connection;
    expect(host).toBe(join(dataDir, 'run'));
    expect((await stat(host)).mode & 0o077).toBe(0);
    expect((await stat(join(host, '.s.PGSQL.5432'))).mode & 0o077).toBe(0);
  });

  test('the extensions of the data model are there', async () => {
    for (const name of ['pg_trgm', 'unaccent', 'btree_gin']) {
      await query(gateway.connection, `create extension if not exists ${name}`);
    }
    expect(await query(gateway.connection, `select unaccent('Zoë'), similarity('desk', 'desk')`)).toEqual([['Zoe', 1]]);
  });

  test('a second gateway is refused with the directory and the process that has it', async () => {
    await expect(open('gateway')).rejects.toThrow(
      `${dataDir} is in use by a running Deskgraph, process ${process.pid}. Stop it or choose another DATA_DIR.`,
    );
  });

  test('a tool uses the database of the gateway that runs and leaves it running', async () => {
    const tool = await open('tool');
    expect(tool).toMatchObject({ attached: true, connection: gateway.connection });
    await tool.stop();
    expect(await query(gateway.connection, 'select 1')).toEqual([[1]]);
  });
});

test('of gateways that start together one wins', async () => {
  const outcomes = await Promise.allSettled([open('gateway'), open('gateway'), open('gateway')]);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(DirectoryInUseError);
  }
});

test('without a gateway a tool starts the database and stops it at its end', async () => {
  const tool = await open('tool');
  expect(tool.attached).toBe(false);
  expect(await currentHolder(join(dataDir, 'run'))).toMatchObject({ role: 'tool', owner: process.pid });
  await tool.stop();
  expect(await currentHolder(join(dataDir, 'run'))).toBeUndefined();
});

test('a tool that ends first leaves its database to the others', async () => {
  const first = await open('tool');
  const second = await open('tool');
  const client = new pg.Client(second.connection);
  await client.connect();
  const stopped = first.stop();
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await client.end();
  await stopped;
});

test('after kill -9 of a writing gateway the next one starts at once and has all that was acknowledged', async () => {
  await query((await open('tool')).connection, 'create table acknowledged (n int primary key, filler text)');
  await servers.pop()?.stop();
  for (let round = 0; round < 2; round += 1) {
    const { gateway, rows } = await writingGateway();
    await expect.poll(rows, { interval: 10 }).toBeGreaterThan(50);
    gateway.kill('SIGKILL');
    await new Promise((resolve) => gateway.once('exit', resolve));
    // What it has sent may still come in.
    const acknowledged = rows();
    const { connection } = await open('gateway');
    const counted = await query(connection, `select count(*)::int from acknowledged where n <= ${acknowledged}`);
    expect(counted).toEqual([[acknowledged]]);
    await query(connection, 'truncate acknowledged');
    await servers.pop()?.stop();
  }
});

test('a database process that is killed is started again under the same address', async () => {
  let restarted = false;
  const server = await startEmbedded(dataDir, 'gateway', { onRestart: () => (restarted = true) });
  const connection = { host: server.socketDir, port: 5432, user: 'postgres', database: 'postgres' };
  try {
    const holder = await currentHolder(join(dataDir, 'run'));
    process.kill(holder?.pid ?? Number.NaN, 'SIGKILL');
    await expect.poll(() => restarted).toBe(true);
    expect(await query(connection, 'select 1')).toEqual([[1]]);
  } finally {
    await server.stop();
  }
});

test.each([
  ['is dead', { pid: 2 ** 22 + 1, owner: 2 ** 22 + 1 }],
  ['is another program by now', { pid: process.pid, owner: process.pid }],
])('a lock whose process %s is taken over', async (_, holder) => {
  const run = join(dataDir, 'run');
  const [lock = 'lock.1'] = await readdir(run).then((names) => names.filter((name) => name.startsWith('lock.')));
  const next = `lock.${Number(lock.slice(5)) + 1}`;
  await writeFile(join(run, next), JSON.stringify({ ...holder, role: 'gateway', socketDir: run }));
  const { connection } = await open('gateway');
  expect(await query(connection, 'select 1')).toEqual([[1]]);
});

test('a creation that was killed halfway is begun again', async () => {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'postgres'));
  await writeFile(join(directory, 'postgres', 'PG_VERSION'), '18');
  await writeFile(join(directory, 'postgres.unfinished'), '');
  const { connection } = await open('gateway', directory);
  expect(await query(connection, 'select 1')).toEqual([[1]]);
  await servers.pop()?.stop();
  await rm(directory, { recursive: true });
});

test('files of another version of PostgreSQL are refused with what to do, and left as they are', async () => {
  const file = join(dataDir, 'postgres/PG_VERSION');
  const version = await readFile(file, 'utf8');
  expect(version.trim()).toBe(postgresVersion);
  await writeFile(file, '16\n');
  await expect(open('gateway')).rejects.toThrow(/^The embedded database .* of PostgreSQL 16, .* restore /);
  await writeFile(file, version);
  const { connection } = await open('gateway');
  expect(await query(connection, 'show server_version')).toEqual([[expect.stringMatching(`^${postgresVersion}\\.`)]]);
});

test('a database that does not open is one clear line', async () => {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'postgres'));
  await writeFile(join(directory, 'postgres', 'PG_VERSION'), postgresVersion);
  await expect(open('gateway', directory)).rejects.toThrow(/^The embedded database in .+ does not open: .+$/);
  await rm(directory, { recursive: true });
});

test('a data directory whose path is too long for a socket gets one in the temporary directory', async () => {
  const directory = join(await temporaryDirectory(), 'long'.repeat(25));
  await cp(join(dataDir, 'postgres'), join(directory, 'postgres'), { recursive: true });
  const { connection } = await open('gateway', directory);
  const { host = '' } = connection;
  expect(dirname(host)).toBe(tmpdir());
  expect((await stat(host)).mode & 0o077).toBe(0);
  expect((await open('tool', directory)).connection.host).toBe(host);
  for (const server of servers.splice(0)) await server.stop();
  await expect(stat(host)).rejects.toThrow('ENOENT');
  await rm(dirname(directory), { recursive: true });
});

test('the database of a gateway that ended while it was starting ends too, and keeps the directory from nobody', async () => {
  const script = join(packageRoot, 'dist/src/db/embedded/process.js');
  const run = join(dataDir, 'run');
  const early = fork(script, [dataDir, run, 'gateway', '1'], { execArgv: [] });
  const ended = once(early, 'exit');
  early.disconnect();
  expect(await ended).toEqual([0, null]);
  expect(await currentHolder(run)).toBeUndefined();
});

test('whoever has the directory is named by the process that a person knows', async () => {
  const server = await open('gateway');
  expect(await currentHolder(server.connection.host ?? '')).toMatchObject({ owner: process.pid });
});
