import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { expect, vi } from 'vitest';

/** Real servers as operators run them, from Debian's packages, each in a temporary directory and on a free port of loopback. */

const run = promisify(execFile);

export interface Server {
  port: number;
  directory: string;
  stop(): Promise<void>;
}

export interface Postgres extends Server {
  /** For the superuser, without TLS. */
  url: string;
  /** Ends it as a crash does, until it is started again. */
  halt(): Promise<void>;
  start(): Promise<void>;
}

export interface PostgresOptions {
  /** Lines of postgresql.conf. */
  settings?: readonly string[];
  /** pg_hba.conf instead of one that trusts everybody on loopback. */
  access?: string;
  /** Written into the directory of the server before it starts, by name. */
  files?: Record<string, string>;
  /** Further arguments of initdb. */
  initdb?: readonly string[];
}

export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const { settings = [], access, files = {}, initdb = [] } = options;
  const directory = await ownDirectory('environment-postgres-');
  const data = join(directory, 'data');
  await asServer(join(await postgresPrograms(), 'initdb'), [
    `--pgdata=${data}`,
    '--username=postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
    ...initdb,
  ]);
  for (const [name, text] of Object.entries(files)) await writeOwn(join(data, name), text);
  if (access) await writeOwn(join(data, 'pg_hba.conf'), access);
  return startOn(directory, settings);
}

/** A disk of its own for a server, which can be filled up; takes root. */
export interface SmallDisk {
  directory: string;
  /** Leaves no room on it. */
  fill(): Promise<void>;
  /** Makes the room again. */
  clear(): Promise<void>;
  remove(): Promise<void>;
}

export async function mountSmallDisk(megabytes: number): Promise<SmallDisk> {
  const disk = await mkdtemp(join(tmpdir(), 'environment-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk]);
  const directory = join(disk, 'data');
  await mkdir(directory);
  await giveToServer(directory);
  const filler = join(disk, 'filler');
  return {
    directory,
    // Ends when there is no room for more, which is no success to it.
    fill: () => run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k']).then(unexpected, () => undefined),
    clear: () => rm(filler),
    async remove() {
      await run('umount', ['--lazy', disk]);
      await rm(disk, { recursive: true });
    },
  };
}

const unexpected = (): never => expect.fail('The disk has no end.');

/** A replica that streams from the server, as pg_basebackup makes one. */
export async function startReplica(primary: Postgres): Promise<Postgres> {
  const directory = await ownDirectory('environment-replica-');
  const from = ['--host=127.0.0.1', `--port=${primary.port}`, '--username=postgres'];
  const how = [`--pgdata=${join(directory, 'data')}`, '--checkpoint=fast', '--no-sync', '--write-recovery-conf'];
  await asServer(join(await postgresPrograms(), 'pg_basebackup'), [...from, ...how]);
  return startOn(directory, []);
}

/** Starts the server whose data lies in the directory. */
async function startOn(directory: string, settings: readonly string[]): Promise<Postgres> {
  const data = join(directory, 'data');
  const port = await freePort();
  const conf = [
    `port = ${port}`,
    `unix_socket_directories = '${directory}'`,
    "listen_addresses = '127.0.0.1, ::1'",
    'fsync = off',
    ...settings,
  ];
  await writeFile(join(data, 'postgresql.conf'), `${conf.join('\n')}\n`, { flag: 'a' });
  const control = join(await postgresPrograms(), 'pg_ctl');
  const start = () => asServer(control, [`--pgdata=${data}`, `--log=${directory}/log`, '--wait', '--silent', 'start']);
  const halt = () => asServer(control, [`--pgdata=${data}`, '--mode=immediate', '--silent', 'stop']);
  await start();
  return {
    port,
    directory,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    start,
    halt,
    async stop() {
      await halt();
      await rm(directory, { recursive: true });
    },
  };
}

/** A PgBouncer before the server. */
export async function startPgBouncer(
  postgres: Postgres,
  settings: readonly string[],
): Promise<Server & { url: string }> {
  const directory = await ownDirectory('environment-pgbouncer-');
  const port = await freePort();
  const file = join(directory, 'pgbouncer.ini');
  await writeOwn(
    file,
    [
      '[databases]',
      `* = host=127.0.0.1 port=${postgres.port}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = trust',
      `auth_file = ${directory}/users.txt`,
      ...settings,
    ].join('\n'),
  );
  await writeOwn(join(directory, 'users.txt'), '"postgres" ""\n');
  const [program, args] = ofServer('pgbouncer', [file]);
  const child = spawn(program, args, { stdio: 'ignore' });
  await listens(port);
  return {
    port,
    directory,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      await ended(child);
      await rm(directory, { recursive: true });
    },
  };
}

/** A Redis that keeps nothing on the disk. */
export async function startRedis(): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], {
    stdio: 'ignore',
    cwd: tmpdir(),
  });
  await listens(port);
  return { url: `redis://127.0.0.1:${port}`, stop: () => ended(child) };
}

/** The rows of one statement, as the superuser. */
export async function rowsOf(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(statement);
  await client.end();
  return rows;
}

/** Runs statements as the superuser. */
export async function execute(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** A certificate for `name`, and that of the private authority that signed it. */
export async function makeCertificate(name: string): Promise<{ authority: string; certificate: string; key: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'environment-tls-'));
  const openssl = (...args: string[]) => run('openssl', args, { cwd: directory });
  const subject = ['-nodes', '-newkey', 'rsa:2048', '-subj'];
  await openssl('req', '-x509', '-days', '2', ...subject, '/CN=Test authority', '-keyout', 'ca.key', '-out', 'ca.crt');
  await openssl('req', ...subject, `/CN=${name}`, '-keyout', 'server.key', '-out', 'server.csr');
  await writeFile(join(directory, 'names'), `subjectAltName=DNS:${name}\n`);
  const signing = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names', '-days', '2'];
  await openssl('x509', '-req', '-in', 'server.csr', ...signing, '-out', 'server.crt');
  const [authority, certificate, key] = await Promise.all(
    ['ca.crt', 'server.crt', 'server.key'].map((file) => readFile(join(directory, file), 'utf8')),
  );
  await rm(directory, { recursive: true });
  return { authority: authority ?? '', certificate: certificate ?? '', key: key ?? '' };
}

/** The newest version that is installed. */
async function postgresPrograms(): Promise<string> {
  const versions = (await readdir('/usr/lib/postgresql')).map(Number).sort((a, b) => b - a);
  return `/usr/lib/postgresql/${versions[0]}/bin`;
}

const isRoot = process.getuid?.() === 0;

/** PostgreSQL and PgBouncer refuse to run as root. */
const ofServer = (program: string, args: string[]): [string, string[]] =>
  isRoot ? ['runuser', ['-u', 'postgres', '--', program, ...args]] : [program, args];

async function asServer(program: string, args: string[]): Promise<void> {
  const [name, all] = ofServer(program, args);
  // What is started holds no pipe of ours open.
  const child = spawn(name, all, { stdio: 'ignore', cwd: tmpdir() });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code, program).toBe(0);
}

async function ownDirectory(prefix: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), prefix));
  await mkdir(directory, { recursive: true });
  await giveToServer(directory);
  return directory;
}

async function writeOwn(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o600);
  await giveToServer(path);
}

async function giveToServer(path: string): Promise<void> {
  if (!isRoot) return;
  const { stdout } = await run('id', ['-u', 'postgres']);
  await chown(path, Number(stdout), Number(stdout));
}

export async function ended(child: ChildProcess): Promise<void> {
  const end = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await end;
}

export const listens = (port: number): Promise<boolean> =>
  vi.waitUntil(
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1');
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
        socket.once('connect', () => socket.destroy());
      }),
    { timeout: 120_000 },
  );

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
