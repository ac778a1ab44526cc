import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { appendFile, cp, mkdir, mkdtemp, readdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { layout } from '../../src/db/embedded/layout.js';
import { startEmbedded } from '../../src/db/embedded/start.js';
import { migrate } from '../../src/db/migrations/migrations.js';
import { packageRoot } from '../../src/lib/process/root.js';
import { temporaryDirectory } from './temporary.js';

const cache = join(packageRoot, 'node_modules/.cache/deskgraph');

/** What makes a migrated cluster what it is; the lock file names the version of PGlite. */
const sources = ['prisma/migrations', 'src/db/migrations', 'src/db/queue', 'test/kit/cluster.ts', 'package-lock.json'];

/**
 * The directory of an embedded cluster that is migrated and empty. It is kept between runs: to create one takes seconds,
 * to copy it a moment.
 */
export const migratedCluster = (): Promise<string> => (found ??= findCluster());

let found: Promise<string> | undefined;

async function findCluster(): Promise<string> {
  const cluster = join(cache, `migrated-${hashOf(sources)}`);
  if (existsSync(cluster)) {
    const now = new Date();
    await utimes(cluster, now, now);
    return cluster;
  }
  const directory = await temporaryDirectory();
  const { socketDir, stop } = await startEmbedded(directory, 'gateway');
  await migrate({ host: socketDir, port: 5432, user: 'postgres', database: 'postgres' });
  await stop();
  await mkdir(cache, { recursive: true });
  // Renamed when it is complete, so that no other run copies half of it.
  const draft = await mkdtemp(join(cache, 'draft-'));
  await cp(layout(directory).cluster, draft, { recursive: true });
  // To clear the usual 128 MB is a quarter of the work of opening a database, and tests have little in them.
  await appendFile(join(draft, 'postgresql.conf'), '\nshared_buffers = 16MB\n');
  await rm(directory, { recursive: true });
  await rename(draft, cluster).catch(() => rm(draft, { recursive: true }));
  await removeOldest(cache);
  return cluster;
}

/** Leaves those that were used last: each migration makes another one, and branches differ in theirs. */
export async function removeOldest(directory: string, kept = 3): Promise<void> {
  const names = (await readdir(directory)).filter((name) => /^(migrated|draft)-/.test(name));
  // Another run may have renamed its draft since.
  const usedMs = (name: string) => statSync(join(directory, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const found = names.map((name) => ({ name, usedMs: usedMs(name) }));
  const old = found.sort((one, other) => other.usedMs - one.usedMs).slice(kept);
  await Promise.all(old.map(({ name }) => rm(join(directory, name), { recursive: true, force: true })));
}

/** The file itself, or the files below a directory. */
function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const found = readdirSync(path, { withFileTypes: true, recursive: true });
  return found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

function hashOf(names: readonly string[]): string {
  const hash = createHash('sha256');
  const files = names.flatMap((name) => filesOf(join(packageRoot, name)));
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex').slice(0, 12);
}
