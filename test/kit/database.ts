import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { layout } from '../../src/db/embedded/layout.js';
import { startEmbedded } from '../../src/db/embedded/start.js';
import { packageRoot } from '../../src/lib/process/root.js';

/** An empty database for one test file, or for the whole run. */
export interface TestDatabase {
  connection: pg.PoolConfig;
  embedded: boolean;
  drop(): Promise<void>;
}

/** On the PostgreSQL that TEST_DATABASE_URL names, else on an embedded server of its own in a temporary directory. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const url = process.env.TEST_DATABASE_URL;
  return url ? createOnServer(url) : createEmbedded();
}

async function createOnServer(url: string): Promise<TestDatabase> {
  const name = `deskgraph_test_${randomUUID().replaceAll('-', '_')}`;
  const admin = async (statement: string) => {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await admin(`create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return {
    connection: { connectionString: own.href },
    embedded: false,
    drop: () => admin(`drop database ${name} with (force)`),
  };
}

async function createEmbedded(): Promise<TestDatabase> {
  const directory = await temporaryDataDir();
  const { socketDir, stop } = await startEmbedded(directory, 'gateway');
  return {
    connection: { host: socketDir, port: 5432, user: 'postgres', database: 'postgres' },
    embedded: true,
    async drop() {
      await stop();
      await rm(directory, { recursive: true });
    },
  };
}

const pglitePackage = join(packageRoot, 'node_modules/@electric-sql/pglite/package.json');

/** An empty cluster that is kept between runs: to create one takes seconds, to copy it a moment. */
async function emptyCluster(): Promise<string> {
  const cache = join(packageRoot, 'node_modules/.cache/deskgraph');
  const pglite = createHash('sha256').update(readFileSync(pglitePackage)).digest('hex').slice(0, 12);
  const cluster = join(cache, `cluster-${pglite}`);
  if (existsSync(cluster)) return cluster;
  const directory = await temporaryDirectory();
  await (await startEmbedded(directory, 'gateway')).stop();
  // Renamed when it is complete, so that no other run copies half of it.
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(`${cluster}-`);
  await cp(layout(directory).cluster, draft, { recursive: true });
  await rename(draft, cluster).catch(() => rm(draft, { recursive: true }));
  await rm(directory, { recursive: true });
  return cluster;
}

/** A data directory with an empty cluster. */
export async function temporaryDataDir(): Promise<string> {
  const directory = await temporaryDirectory();
  await cp(await emptyCluster(), layout(directory).cluster, { recursive: true });
  return directory;
}

/** For tests that start embedded servers themselves. */
export const temporaryDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), 'deskgraph-test-'));
