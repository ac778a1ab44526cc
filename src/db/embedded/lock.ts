/**
 * Who has the data directory. PGlite opens a directory that is open already and ruins it, so the one process that
 * may open it is found through numbered files: the highest number counts, taking over means creating the next
 * number, which only one process can do, and the highest file is never removed, so no one can mistake a gap for a
 * free directory. Whether its holder lives is asked of its socket, which the system closes with the process.
 */
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { socketName } from './layout.js';
import { commandLine, isAlive } from './pid.js';
import { removeSocketDir } from './socket-dir.js';

/** Gateways keep the database open, tools only until they end. */
export type Role = 'gateway' | 'tool';

export interface Holder {
  /** The process that has the database open. */
  pid: number;
  /** The process that started it and that a person knows: the gateway or a command. */
  owner: number;
  role: Role;
  /** The directory of the socket. */
  socketDir: string;
}

const lockName = /^lock\.(\d+)$/;

/** Tries to become the holder of `directory`, which exists. Returns the holder that lives instead, if one does. */
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

/** The living process that has `directory` open, if there is one. */
export async function currentHolder(directory: string): Promise<Holder | undefined> {
  const holder = read(directory, latest(directory));
  return holder && (await lives(directory, holder)) ? holder : undefined;
}

/** Creates the file of that number with its content in one step; false when another process was first. */
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
  // A process that looked long ago may create a number that its successors have cleared away.
  if (latest(directory) === number) return true;
  rmSync(lockPath(directory, number), { force: true });
  return false;
}

/** A holder listens before it opens the database and until it has closed it. */
async function lives(directory: string, holder: Holder): Promise<boolean> {
  if (await canConnect(join(holder.socketDir, socketName))) return true;
  // It may not listen yet, or its socket was swept out of the temporary directory.
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
    // Full of waiting connections means alive as well.
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
    // Cleared away by a successor since: the caller looks again, and finds the number taken if it tries.
    return undefined;
  }
}
