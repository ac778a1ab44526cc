/**
 * The lock of the data directory. PGlite would corrupt a directory that is already open, so only one process may open
 * it. The holder is found through numbered files: the highest number counts. Taking over means creating the next
 * number, which only one process can do. The highest file is never removed, so that a gap cannot be mistaken for a free
 * directory. Whether the holder is alive is tested with its socket, which the system closes when the process ends.
 */
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { socketName } from './layout.js';
import { commandLine, isAlive } from './pid.js';
import { removeSocketDir } from './socket-dir.js';

/** Gateways keep the database open; tools only until they end. */
export type Role = 'gateway' | 'tool';

export interface Holder {
  /** The process that has the database open. */
  pid: number;
  /** The process that started it and that the user knows: the gateway or a command. */
  owner: number;
  role: Role;
  /** The directory of the socket. */
  socketDir: string;
}

const lockName = /^lock\.(\d+)$/;

/** Tries to become the holder of `directory`, which must exist. Returns the living holder instead, if there is one. */
export async function acquire(directory: string, mine: Holder): Promise<Holder | undefined> {
  for (;;) {
    const last = latest(directory);
    const holder = read(directory, last);
    if (holder && (await lives(directory, holder))) return holder;
    if (claim(directory, last + 1, mine)) {
      if (holder && holder.socketDir !== mine.socketDir) removeSocketDir(holder.socketDir);
      for (const number of numbers(directory)) if (number <= last) rmSync(lockPath(directory, number), { force: true });
      return undefined;
    }
  }
}

/** The holder of `directory`, if it is alive. */
export async function currentHolder(directory: string): Promise<Holder | undefined> {
  const holder = read(directory, latest(directory));
  return holder && (await lives(directory, holder)) ? holder : undefined;
}

/** Creates the file with this number and its content in one step; false when another process was first. */
function claim(directory: string, number: number, mine: Holder): boolean {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const draft = join(directory, `draft.${mine.pid}`);
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    linkSync(draft, lockPath(directory, number));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  // A slow process may create a number that its successors have already removed.
  if (latest(directory) === number) return true;
  rmSync(lockPath(directory, number), { force: true });
  return false;
}

/** A holder listens before it opens the database, and until it has closed it. */
async function lives(directory: string, holder: Holder): Promise<boolean> {
  if (await canConnect(join(holder.socketDir, socketName))) return true;
  // It may not be listening yet, or its socket was removed from the temporary directory.
  return holder.pid !== process.pid && isAlive(holder.pid) && commandLine(holder.pid).includes(directory);
}

const canConnect = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    const answer = (connected: boolean) => {
      socket.destroy();
      resolve(connected);
    };
    socket.once('connect', () => answer(true));
    // A full accept queue also means that the process is alive.
    socket.once('error', (error) => answer('code' in error && error.code === 'EAGAIN'));
  });

const lockPath = (directory: string, number: number): string => join(directory, `lock.${number}`);

/** Ascending. */
function numbers(directory: string): number[] {
  try {
    const found = readdirSync(directory).flatMap((name) => lockName.exec(name)?.[1] ?? []);
    return found.map(Number).sort((a, b) => a - b);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

const latest = (directory: string): number => numbers(directory).at(-1) ?? 0;

function read(directory: string, number: number): Holder | undefined {
  if (number === 0) return undefined;
  try {
    return JSON.parse(readFileSync(lockPath(directory, number), 'utf8')) as Holder;
  } catch {
    // A successor has removed the file. The caller looks again, and its attempt to take the number fails.
    return undefined;
  }
}
