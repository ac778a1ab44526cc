import type { Readable, Writable } from 'node:stream';
import type { DatabaseServer } from '../../db/server.js';
import type { Storage } from '../../lib/storage/storage.js';

/** The input, output and resources that commands get from the process. */
export interface Shell {
  /** Writes to standard output, which contains only the result. */
  out(text: string): void;
  /** Writes to standard error: progress and error messages. */
  err(text: string): void;
  /** Standard output as a stream, for results that do not fit into memory. */
  output(): Writable;
  /** Whether standard error is a terminal. */
  isTerminal: boolean;
  /** Standard input. Only commands that are told to read it use it. */
  input(): Readable;
  /** The database of this installation. Throws StartError. */
  openServer(): Promise<DatabaseServer>;
  /** Where this installation stores files. */
  openStorage(): Promise<Storage>;
}
