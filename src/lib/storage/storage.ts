import type { Readable } from 'node:stream';

/**
 * The storage of contents that are too large for the database. When `put` has resolved, the content is complete and
 * durable. Keys are paths of letters, digits, "-", "_" and "/". The same key always has the same content.
 */
export interface Storage {
  put(key: string, content: Uint8Array): Promise<void>;
  /** The content; null if there is none under this key. */
  open(key: string): Promise<Readable | null>;
  /** Removes the contents. Missing ones are ignored. */
  remove(keys: readonly string[]): Promise<void>;
}
