import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { layout, socketName } from './layout.js';

/** Operating systems accept socket paths of 103 bytes or a few more. */
const longestSocketPath = 100;

const socketDirPrefix = 'deskgraph-';

/** The directory for the socket: in the data directory, or a private temporary one when that path would be too long. */
export function createSocketDir(dataDir: string): string {
  const { run } = layout(dataDir);
  if (Buffer.byteLength(join(run, socketName)) > longestSocketPath) return mkdtempSync(join(tmpdir(), socketDirPrefix));
  mkdirSync(run, { recursive: true, mode: 0o700 });
  return run;
}

/** Removes a temporary socket directory. One in the data directory stays. */
export function removeSocketDir(directory: string): void {
  const isTemporary = dirname(directory) === tmpdir() && basename(directory).startsWith(socketDirPrefix);
  if (isTemporary) rmSync(directory, { recursive: true, force: true });
}
