import { execFile } from 'node:child_process';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);

/**
 * A PostgreSQL server to measure on.
 * @typedef {object} Server
 * @property {string} adminUrl
 * @property {() => Promise<void>} stop
 */

/**
 * The server named by the caller, or a cluster of its own that is gone after `stop`.
 * @param {string | undefined} adminUrl
 * @returns {Promise<Server>}
 */
export async function openServer(adminUrl) {
  if (adminUrl) return { adminUrl, stop: async () => {} };

  const bin = await findBinaries();
  const directory = await mkdtemp(join(tmpdir(), 'deskgraph-bench-'));
  // PostgreSQL refuses to run as root.
  const asRoot = process.getuid?.() === 0;
  if (asRoot) await chown(directory, ...(await idsOf('postgres')));
  /** @param {string} command @param {string[]} args */
  const runAsUser = (command, args) =>
    asRoot
      ? run('runuser', ['-u', 'postgres', '--', join(bin, command), ...args], { cwd: directory })
      : run(join(bin, command), args, { cwd: directory });

  const data = join(directory, 'data');
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const port = await freePort();
    await runAsUser('initdb', ['-D', data, '-U', 'postgres', '--auth=trust', '--locale=C.UTF-8', '--encoding=UTF8']);
    await runAsUser('pg_ctl', ['-D', data, '-w', '-l', join(directory, 'log'), '-o', settings(port, directory), 'start']);
    return {
      adminUrl: `postgres://postgres@127.0.0.1:${port}/postgres`,
      stop: async () => {
        await runAsUser('pg_ctl', ['-D', data, '-w', '-m', 'immediate', 'stop']);
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * Ordinary settings, durability included; only what would disturb a short measurement at random is kept out of it.
 * @param {number} port
 * @param {string} directory
 */
function settings(port, directory) {
  return [
    `-p ${port}`,
    '-c listen_addresses=127.0.0.1',
    `-c unix_socket_directories=${directory}`,
    '-c shared_preload_libraries=pg_stat_statements',
    '-c shared_buffers=512MB',
    '-c max_wal_size=8GB',
    '-c checkpoint_timeout=1h',
    '-c autovacuum=off',
  ].join(' ');
}

async function findBinaries() {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  if (!newest) {
    throw new Error(`No PostgreSQL in ${root}: install Debian's package postgresql, or set DATABASE_ADMIN_URL`);
  }
  return join(root, newest, 'bin');
}

/**
 * @param {string} user
 * @returns {Promise<[uid: number, gid: number]>}
 */
async function idsOf(user) {
  const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])]);
  return [Number(uid.stdout), Number(gid.stdout)];
}

/** @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

/**
 * A database made for one run.
 * @typedef {object} BenchDatabase
 * @property {string} url
 * @property {pg.Client} client the bench's own connection
 * @property {() => Promise<void>} drop
 */

/**
 * @param {Server} server
 * @returns {Promise<BenchDatabase>}
 */
export async function createDatabase(server) {
  const name = `bench_${process.pid}`;
  const admin = new pg.Client({ connectionString: server.adminUrl });
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);

  const url = new URL(server.adminUrl);
  url.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  return {
    url: url.href,
    client,
    drop: async () => {
      await client.end();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.query(`DROP ROLE IF EXISTS ${tenantRole(url.href)}`);
      await admin.end();
    },
  };
}

/**
 * The role that a rival makes to see one workspace; roles belong to the whole server.
 * @param {string} databaseUrl
 */
export const tenantRole = (databaseUrl) => `${new URL(databaseUrl).pathname.slice(1)}_tenant`;
