import type { Readable, Writable } from 'node:stream';
import type { DatabaseServer } from '../../db/server.js';
import type { Storage } from '../../lib/storage/storage.js';

/** What a command sees of the process that runs it. */
export interface Shell {
  /** Writes to standard output: what was asked for, and nothing else. */
  out(text: string): void;
  /** Writes to standard error: progress and complaints. */
  err(text: string): void;
  /** Standard output as a stream, for what does not fit into memory. */
  output(): Writable;
  /** True when a person watches standard error. */
  isTerminal: boolean;
  /** Standard input, read only by a command that is told to. */
  input(): Readable;
  /** The database of this installation. Throws StartError. */
  openServer(): Promise<DatabaseServer>;
  /** Where this installation stores files. */
  openStorage(): Promise<Storage>;
}
