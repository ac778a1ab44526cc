import type { Readable } from 'node:stream';

/**
 * Where contents lie that are too large for the database. What is put is complete and lasts when `put` has resolved. Keys are
 * paths of letters, digits, "-", "_" and "/"; the same key always gets the same content.
 */
export interface Storage {
  put(key: string, content: Uint8Array): Promise<void>;
  /** The content; null if there is none under this key. */
  open(key: string): Promise<Readable | null>;
  /** Removes the contents; what is not there is passed over. */
  remove(keys: readonly string[]): Promise<void>;
}
