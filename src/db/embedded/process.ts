/**
 * The process of the embedded database: PGlite behind a socket that only this user can open. It ends together with the
 * process that started it, because the channel between them then breaks.
 *
 * Arguments: data directory, socket directory, role, and the id of the process that started it.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { unaccent } from '@electric-sql/pglite/contrib/unaccent';
import { Backend } from './backend.js';
import { layout, postgresVersion, socketName } from './layout.js';
import { acquire, type Holder, type Role } from './lock.js';
import { isAlive } from './pid.js';
import { removeSocketDir } from './socket-dir.js';

/** What this process reports once to the process that started it. */
export type Report = { kind: 'ready' } | { kind: 'refused'; holder: Holder } | { kind: 'failed'; reason: string };

/** How long to wait for a predecessor that is about to end. */
const patienceMs = 10_000;

async function main(dataDir: string, socketDir: string, role: Role, owner: number): Promise<void> {
  // A terminal signals the whole process group, but the gateway still needs its database during shutdown.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.umask(0o077);

  const abandoned = new Promise<void>((resolve) => process.once('disconnect', resolve));
  // The parent may have ended while this process was loading its modules. No event reports that.
  if (!process.connected) return abandon(socketDir);
  let closing = false;

  const holder = await acquirePatiently(layout(dataDir).run, { pid: process.pid, owner, role, socketDir });
  if (holder) return report({ kind: 'refused', holder });

  const backend = new Backend((error) => {
    console.error(error);
    process.exit(1);
  });
  // The socket stays until the process ends, so that nobody takes the directory for free while the database is being
  // closed.
  const listener = createServer((socket) => (closing ? socket.destroy() : backend.accept(socket)));
  const socketPath = join(socketDir, socketName);
  rmSync(socketPath, { force: true });
  await new Promise<void>((resolve, reject) => listener.once('error', reject).listen(socketPath, resolve));

  const database = await openCluster(dataDir);
  backend.open(database);
  report({ kind: 'ready' });

  await abandoned;
  // Another command may be using the database that this one started.
  while (role === 'tool' && backend.connections > 0) await sleep(20);
  closing = true;
  await backend.close();
  await database.close();
  abandon(socketDir);
}

function abandon(socketDir: string): never {
  removeSocketDir(socketDir);
  process.exit(0);
}

/** Waits for a holder that is about to end: a command, or a database whose gateway has ended. */
async function acquirePatiently(run: string, mine: Holder): Promise<Holder | undefined> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const holder = await acquire(run, mine);
    if (!holder) return undefined;
    const endsSoon = holder.role === 'tool' || !isAlive(holder.owner);
    if (mine.role === 'tool' || !endsSoon || performance.now() > deadline || !process.connected) return holder;
    await sleep(50);
  }
}

async function openCluster(dataDir: string): Promise<PGlite> {
  const { cluster, unfinished } = layout(dataDir);
  // A process that was killed while it created the cluster leaves one that cannot be opened and has no data yet.
  if (existsSync(unfinished)) rmSync(cluster, { recursive: true, force: true });
  const isNew = !existsSync(cluster);
  if (isNew) {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(unfinished, '');
  } else requireVersion(cluster);
  const database = await PGlite.create({ dataDir: cluster, extensions: { pg_trgm, unaccent, btree_gin } });
  if (isNew) rmSync(unfinished);
  return database;
}

/** PostgreSQL can read only files of its own major version, which is written in PG_VERSION. */
function requireVersion(cluster: string): void {
  const file = join(cluster, 'PG_VERSION');
  const version = existsSync(file) ? readFileSync(file, 'utf8').trim() : postgresVersion;
  if (version === postgresVersion) return;
  throw new Error(
    `its files are of PostgreSQL ${version}, and this release reads those of ${postgresVersion}. Back it up with the release that wrote it, and restore that into another DATA_DIR (docs/upgrade.md).`,
  );
}

function report(message: Report): void {
  // The parent may already have ended. Then there is nobody to report to.
  if (process.connected) process.send?.(message, () => message.kind !== 'ready' && process.exit(1));
  else if (message.kind !== 'ready') process.exit(1);
}

const [dataDir = '', socketDir = '', role, owner] = process.argv.slice(2);
main(dataDir, socketDir, role === 'tool' ? 'tool' : 'gateway', Number(owner)).catch((error: unknown) => {
  report({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
});
