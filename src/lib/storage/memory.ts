import { Readable } from 'node:stream';
import type { Storage } from './storage.js';

/** Stores contents only in this process, for work that needs none of them later. */
export function memoryStorage(): Storage {
  const contents = new Map<string, Buffer>();
  return {
    async put(key, content) {
      contents.set(key, Buffer.from(content));
    },
    async open(key) {
      const content = contents.get(key);
      return content ? Readable.from([content], { objectMode: false }) : null;
    },
    async remove(keys) {
      for (const key of keys) contents.delete(key);
    },
  };
}
