import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layout } from '../../src/db/embedded/layout.js';
import { startEmbedded } from '../../src/db/embedded/start.js';
import { migrate } from '../../src/db/migrations/migrations.js';
import { packageRoot } from '../../src/lib/process/root.js';

const cache = join(packageRoot, 'node_modules/.cache/deskgraph');

/** What makes a migrated cluster what it is; the lock file names the version of PGlite. */
const sources = ['prisma/migrations', 'src/db/migrations', 'src/db/queue', 'package-lock.json'];

/**
 * The directory of an embedded cluster that is migrated and empty. It is kept between runs: to create one takes seconds,
 * to copy it a moment.
 */
export const migratedCluster = (): Promise<string> => (found ??= findCluster());

let found: Promise<string> | undefined;

async function findCluster(): Promise<string> {
  const cluster = join(cache, `migrated-${hashOf(sources)}`);
  if (existsSync(cluster)) return cluster;
  const directory = await mkdtemp(join(tmpdir(), 'deskgraph-test-'));
  const { socketDir, stop } = await startEmbedded(directory, 'gateway');
  await migrate({ host: socketDir, port: 5432, user: 'postgres', database: 'postgres' });
  await stop();
  await mkdir(cache, { recursive: true });
  // Renamed when it is complete, so that no other run copies half of it.
  const draft = await mkdtemp(join(cache, 'draft-'));
  await cp(layout(directory).cluster, draft, { recursive: true });
  await rm(directory, { recursive: true });
  await rename(draft, cluster).catch(() => rm(draft, { recursive: true }));
  return cluster;
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
